//! Uploads reach the state machine: the rule is enabled and aims at the alias, or at the queue whose pipe does. Deleted
//! sources and red executions reach their functions.

use serde_json::{Value, json};

use super::super::{
    aws::{EVENTS, PIPES},
    finding::{Checked, Finding, Trouble, good, trouble},
    patient::Patient,
};

/// A rule of the stack with its targets.
struct Rule {
    name: String,
    enabled: bool,
    pattern: String,
    targets: Vec<Value>,
}

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let rules = match read(patient).await {
        Ok(rules) => rules,
        Err(Read::Skipped(reason)) => return Ok(Finding::Skipped(reason)),
        Err(Read::Trouble(trouble)) => return Err(trouble),
    };
    let alias = patient.output("StateMachineAliasArn")?.to_owned();
    let queued = patient.parameter("Intake") == "queue";
    let queue = patient.output("IntakeQueueUrl").unwrap_or_default().to_owned();
    let queue = queue.rsplit('/').next().unwrap_or_default();

    let created: Vec<_> =
        rules.iter().filter(|rule| rule.pattern.contains("Object Created")).collect();
    let is_right = |target: &Value| {
        let arn = target["Arn"].as_str().unwrap_or("");
        if queued { arn.rsplit(':').next() == Some(queue) } else { arn == alias }
    };
    let right = created.iter().find(|rule| rule.enabled && rule.targets.iter().any(is_right));
    let Some(right) = right else {
        return Err(what_is_wrong(&created, is_right, if queued { queue } else { &alias }));
    };
    let target = right.targets.iter().find(|target| is_right(target));
    patient.rule_role = target.and_then(|target| target["RoleArn"].as_str()).map(str::to_owned);

    let bucket = patient.output("SourceBucketName")?;
    for kind in ["Object Created", "Object Deleted", "Execution Status Change"] {
        let rule = rules.iter().find(|rule| rule.pattern.contains(kind) && rule.enabled);
        let Some(rule) = rule else {
            let off = rules.iter().find(|rule| rule.pattern.contains(kind));
            return Err(what_is_wrong(&off.into_iter().collect::<Vec<_>>(), |_| true, kind));
        };
        if kind != "Execution Status Change" && !rule.pattern.contains(bucket) {
            return Err(trouble(
                format!("the rule {} is not about {bucket}: {}", rule.name, rule.pattern),
                "make deploy",
            ));
        }
    }
    if queued {
        pipe(patient, &alias).await?;
    }
    let way = if queued { "through the queue and its pipe" } else { "straight" };
    good(format!("{} is enabled, {way} to the alias; {} rules in all", right.name, rules.len()))
}

/// Why no rule hands uploads on.
fn what_is_wrong(rules: &[&Rule], is_right: impl Fn(&Value) -> bool, wanted: &str) -> Trouble {
    let Some(rule) = rules.first() else {
        return trouble(format!("the stack has no rule for: {wanted}"), "make deploy");
    };
    if let Some(off) = rules.iter().find(|rule| !rule.enabled && rule.targets.iter().any(&is_right))
    {
        return trouble(
            format!("the rule {} is disabled: no event is handed on", off.name),
            format!("aws events enable-rule --name {}", off.name),
        );
    }
    let mut target = rule.targets.first().cloned().unwrap_or_default();
    let found = target["Arn"].as_str().unwrap_or("nothing").to_owned();
    target["Arn"] = json!(wanted);
    trouble(
        format!("the rule {} aims at {found} instead of {wanted}", rule.name),
        format!("aws events put-targets --rule {} --targets '[{target}]'", rule.name),
    )
}

enum Read {
    Skipped(String),
    Trouble(Trouble),
}

async fn read(patient: &Patient<'_>) -> Result<Vec<Rule>, Read> {
    let mut rules = Vec::new();
    let found = patient.resources.iter().filter(|resource| resource.kind == "AWS::Events::Rule");
    for resource in found {
        let name = resource.physical_id.rsplit('|').next().unwrap_or_default().to_owned();
        let describe = patient.aws.json(EVENTS, "DescribeRule", json!({"Name": name})).await;
        let targets = patient.aws.json(EVENTS, "ListTargetsByRule", json!({"Rule": name})).await;
        match (describe, targets) {
            (Ok(rule), Ok(targets)) => rules.push(Rule {
                name,
                enabled: rule["State"] != "DISABLED",
                pattern: rule["EventPattern"].as_str().unwrap_or_default().to_owned(),
                targets: targets["Targets"].as_array().cloned().unwrap_or_default(),
            }),
            (Err(refusal), _) | (_, Err(refusal)) if refusal.is_denied() => {
                return Err(Read::Skipped(format!("the caller lacks {}", refusal.call)));
            }
            (Err(refusal), _) | (_, Err(refusal)) => {
                let cause = format!("the rule {name} ({}): {refusal}", resource.logical_id);
                return Err(Read::Trouble(trouble(cause, "make deploy")));
            }
        }
    }
    Ok(rules)
}

async fn pipe(patient: &Patient<'_>, alias: &str) -> Result<(), Trouble> {
    let name = patient.output("IntakePipeName")?;
    let answer = patient.aws.get(PIPES, "DescribePipe", &format!("/v1/pipes/{name}")).await;
    let answer = match answer {
        Err(refusal) if refusal.is_denied() => return Ok(()),
        answer => answer?,
    };
    let pipe: Value = serde_json::from_str(&answer).unwrap_or_default();
    let state = pipe["CurrentState"].as_str().unwrap_or("unknown");
    if state != "RUNNING" {
        return Err(trouble(
            format!("the pipe {name} is {state}: uploads wait in the queue"),
            format!("aws pipes start-pipe --name {name}"),
        ));
    }
    let target = pipe["Target"].as_str().unwrap_or("nothing");
    if target != alias {
        return Err(trouble(
            format!("the pipe {name} aims at {target} instead of {alias}"),
            "make deploy",
        ));
    }
    Ok(())
}
