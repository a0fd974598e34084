//! Checks that uploads reach the state machine: the rule is enabled, and its target is the alias, or the queue whose
//! pipe has the alias as its target. Checks that the events of deleted sources and failed executions have rules, too.

use serde_json::{Value, json};

use crate::{
    aws::service::{EVENTBRIDGE, PIPES},
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skipped},
        context::CheckContext,
    },
};

/// A rule of the stack with its targets.
struct Rule {
    name: String,
    enabled: bool,
    pattern: String,
    targets: Vec<Value>,
}

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let rules = match read_rules(context).await {
        Ok(rules) => rules,
        Err(result) => return result,
    };
    let alias = context.output("StateMachineAliasArn")?.to_owned();
    let is_queued = context.parameter("Intake") == "queue";
    let queue = context.output("IntakeQueueUrl").unwrap_or_default().to_owned();
    let queue = queue.rsplit('/').next().unwrap_or_default();

    let upload_rules: Vec<_> = rules.iter().filter(|rule| rule.pattern.contains("Object Created")).collect();
    let is_expected = |target: &Value| {
        let arn = target["Arn"].as_str().unwrap_or("");
        if is_queued { arn.rsplit(':').next() == Some(queue) } else { arn == alias }
    };
    let working = upload_rules.iter().find(|rule| rule.enabled && rule.targets.iter().any(is_expected));
    let Some(working) = working else {
        let expected = if is_queued { queue } else { &alias };
        return Err(explain_broken_rules(&upload_rules, is_expected, expected));
    };
    let target = working.targets.iter().find(|target| is_expected(target));
    context.rule_role_arn = target.and_then(|target| target["RoleArn"].as_str()).map(str::to_owned);

    check_event_types(&rules, context.output("SourceBucketName")?)?;
    if is_queued {
        check_pipe(context, &alias).await?;
    }
    let path = if is_queued { "the queue and its pipe" } else { "its target, the alias" };
    passed(format!("{} is enabled and sends uploads to {path}; {} rules in all", working.name, rules.len()))
}

/// Checks that there is an enabled rule for each type of event, and that it names the source bucket.
fn check_event_types(rules: &[Rule], bucket: &str) -> Result<(), CheckFailure> {
    for event_type in ["Object Created", "Object Deleted", "Execution Status Change"] {
        let matches = |rule: &&Rule| rule.pattern.contains(event_type);
        let Some(rule) = rules.iter().find(|rule| matches(rule) && rule.enabled) else {
            let disabled: Vec<_> = rules.iter().find(matches).into_iter().collect();
            return Err(explain_broken_rules(&disabled, |_| true, event_type));
        };
        if event_type != "Execution Status Change" && !rule.pattern.contains(bucket) {
            return Err(check_failure(
                format!("the rule {} does not name {bucket}: {}", rule.name, rule.pattern),
                "make deploy",
            ));
        }
    }
    Ok(())
}

/// Why none of the rules delivers events to `expected`.
fn explain_broken_rules(rules: &[&Rule], is_expected: impl Fn(&Value) -> bool, expected: &str) -> CheckFailure {
    let Some(rule) = rules.first() else {
        return check_failure(format!("the stack has no rule for: {expected}"), "make deploy");
    };
    let is_disabled = |rule: &&&Rule| !rule.enabled && rule.targets.iter().any(&is_expected);
    if let Some(disabled) = rules.iter().find(is_disabled) {
        return check_failure(
            format!("the rule {} is disabled: it delivers no events", disabled.name),
            format!("aws events enable-rule --name {}", disabled.name),
        );
    }
    let mut target = rule.targets.first().cloned().unwrap_or_default();
    let found = target["Arn"].as_str().unwrap_or("nothing").to_owned();
    target["Arn"] = json!(expected);
    check_failure(
        format!("the target of the rule {} is {found} instead of {expected}", rule.name),
        format!("aws events put-targets --rule {} --targets '[{target}]'", rule.name),
    )
}

/// All rules of the stack. The error is the result of the check.
async fn read_rules(context: &CheckContext<'_>) -> Result<Vec<Rule>, CheckResult> {
    let mut rules = Vec::new();
    let is_rule = |resource_type: &str| resource_type == "AWS::Events::Rule";
    for resource in context.resources.iter().filter(|it| is_rule(&it.resource_type)) {
        let name = resource.physical_id.rsplit('|').next().unwrap_or_default().to_owned();
        let input = json!({"Name": name});
        let rule = context.aws.call_json(EVENTBRIDGE, "DescribeRule", input).await;
        let input = json!({"Rule": name});
        let targets = context.aws.call_json(EVENTBRIDGE, "ListTargetsByRule", input).await;
        match (rule, targets) {
            (Ok(rule), Ok(targets)) => rules.push(Rule {
                name,
                enabled: rule["State"] != "DISABLED",
                pattern: rule["EventPattern"].as_str().unwrap_or_default().to_owned(),
                targets: targets["Targets"].as_array().cloned().unwrap_or_default(),
            }),
            (Err(error), _) | (_, Err(error)) if error.is_access_denied() => {
                return Err(skipped(format!("the caller lacks {}", error.action)));
            }
            (Err(error), _) | (_, Err(error)) => {
                let cause = format!("the rule {name} ({}): {error}", resource.logical_id);
                return Err(Err(check_failure(cause, "make deploy")));
            }
        }
    }
    Ok(rules)
}

/// Checks that the pipe runs, and that its target is the alias. Passes if the caller may not describe the pipe.
async fn check_pipe(context: &CheckContext<'_>, alias: &str) -> Result<(), CheckFailure> {
    let name = context.output("IntakePipeName")?;
    let response = context.aws.get(PIPES, "DescribePipe", &format!("/v1/pipes/{name}")).await;
    let pipe = match response {
        Err(error) if error.is_access_denied() => return Ok(()),
        response => response?.json(),
    };
    let state = pipe["CurrentState"].as_str().unwrap_or("unknown");
    if state != "RUNNING" {
        return Err(check_failure(
            format!("the pipe {name} is {state}: uploads wait in the queue"),
            format!("aws pipes start-pipe --name {name}"),
        ));
    }
    let target = pipe["Target"].as_str().unwrap_or("nothing");
    if target != alias {
        return Err(check_failure(
            format!("the target of the pipe {name} is {target} instead of {alias}"),
            "make deploy",
        ));
    }
    Ok(())
}
