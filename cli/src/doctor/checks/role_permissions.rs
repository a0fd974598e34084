//! Checks with `iam:SimulatePrincipalPolicy` that every role has the permissions that it needs.
//! `required_permissions.json` lists them.

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    aws::{AwsError, service::IAM, xml},
    doctor::{
        check_result::{CheckFailure, CheckResult, RETRY_OR_REPORT, check_failure, passed, skip_if_denied},
        context::CheckContext,
    },
};

const REQUIRED_PERMISSIONS: &str = include_str!("../required_permissions.json");
// IAM throttles callers that send more requests at once.
const CONCURRENT_REQUESTS: usize = 4;

/// Actions that a role must be allowed on a resource.
#[derive(Debug, Deserialize)]
struct RequiredPermission {
    /// Logical id of the role; `rule` is the role of the rule that starts executions.
    role: String,
    actions: Vec<String>,
    /// ARN of the resource, with `${…}` for outputs of the stack.
    resource: String,
}

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    let context = &*context;
    let required: Vec<RequiredPermission> = serde_json::from_str(REQUIRED_PERMISSIONS).map_err(anyhow::Error::from)?;
    let mut questions = Vec::new();
    for permission in required {
        let Some(role) = role_arn(context, &permission.role) else { continue };
        let resource = substitute_outputs(context, &permission.resource)?;
        questions.push((role, permission.actions, resource));
    }
    let count: usize = questions.iter().map(|(_, actions, _)| actions.len()).sum();
    let answers = stream::iter(questions)
        .map(|(role, actions, resource)| async move {
            let denied = denied_actions(context, &role, &actions, &resource).await;
            (role, resource, denied)
        })
        .buffered(CONCURRENT_REQUESTS)
        .collect::<Vec<_>>();
    for (role, resource, denied) in answers.await {
        match denied {
            Ok(denied) if denied.is_empty() => {}
            Ok(denied) => return Err(missing_permission(&role, &denied, &resource)),
            Err(error) => return skip_if_denied(&error, RETRY_OR_REPORT),
        }
    }
    passed(format!("{count} permissions, none missing"))
}

/// The ARN of a role; `None` if the stack does not have or use this role.
fn role_arn(context: &CheckContext<'_>, role: &str) -> Option<String> {
    if role == "rule" {
        return context.rule_role_arn.clone().filter(|_| context.parameter("Intake") != "queue");
    }
    let name = context.physical_id(role)?;
    let arn = context.outputs.get("StateMachineArn")?;
    let parts: Vec<_> = arn.split(':').collect();
    let (partition, account) = (parts.get(1)?, parts.get(4)?);
    Some(format!("arn:{partition}:iam::{account}:role/{name}"))
}

fn substitute_outputs(context: &CheckContext<'_>, resource: &str) -> Result<String, CheckFailure> {
    let mut text = resource.to_owned();
    while let Some((before, rest)) = text.split_once("${") {
        let Some((name, after)) = rest.split_once('}') else { break };
        text = format!("{before}{}{after}", output_value(context, name)?);
    }
    Ok(text)
}

/// An output of the stack, or an ARN that is built from outputs.
fn output_value(context: &CheckContext<'_>, name: &str) -> Result<String, CheckFailure> {
    let arn = |service: &str, resource: &str| {
        let machine = context.output("StateMachineArn")?;
        let parts: Vec<_> = machine.splitn(6, ':').collect();
        let [_, partition, _, region, account, _] = parts[..] else {
            return Err(check_failure(format!("'{machine}' is not an ARN"), "make deploy"));
        };
        Ok(format!("arn:{partition}:{service}:{region}:{account}:{resource}"))
    };
    match name {
        "AcceptedType" => {
            let first = context.parameter("AcceptedTypes").split(',').next();
            Ok(first.unwrap_or("image/jpeg").to_owned())
        }
        "IntakeQueueArn" => {
            let url = context.output("IntakeQueueUrl")?;
            arn("sqs", url.rsplit('/').next().unwrap_or_default())
        }
        // A function writes to a stream in its log group, so this is the ARN of a stream.
        _ if name.ends_with("LogGroupArn") => {
            let function = name.trim_end_matches("LogGroupArn").to_lowercase();
            let group = format!("/aws/lambda/{}-{function}", context.stack_name);
            arn("logs", &format!("log-group:{group}:log-stream:x"))
        }
        _ if name.ends_with("FunctionArn") => {
            let function = name.trim_end_matches("Arn").to_owned() + "Name";
            arn("lambda", &format!("function:{}", context.output(&function)?))
        }
        _ => context.output(name).map(str::to_owned),
    }
}

/// Asks IAM which of the actions a role is denied.
async fn denied_actions(
    context: &CheckContext<'_>,
    role: &str,
    actions: &[String],
    resource: &str,
) -> Result<Vec<String>, AwsError> {
    let mut parameters = vec![
        ("PolicySourceArn".to_owned(), role.to_owned()),
        ("ResourceArns.member.1".to_owned(), resource.to_owned()),
    ];
    for (index, action) in actions.iter().enumerate() {
        parameters.push((format!("ActionNames.member.{}", index + 1), action.clone()));
    }
    // Policies for an alias name the ARN of its state machine, and the alias in this condition key. Both keys have
    // lists of values.
    let alias = context.outputs.get("StateMachineAliasArn").map_or("", String::as_str);
    let qualifier = alias.rsplit(':').next().unwrap_or_default();
    let keys = [("states:StateMachineQualifier", qualifier), ("events:source", "darkroom")];
    for (index, (key, value)) in keys.into_iter().enumerate() {
        let entry = format!("ContextEntries.member.{}", index + 1);
        for (name, value) in
            [("ContextKeyName", key), ("ContextKeyValues.member.1", value), ("ContextKeyType", "stringList")]
        {
            parameters.push((format!("{entry}.{name}"), value.to_owned()));
        }
    }
    let answer = context.aws.call_query(IAM, "SimulatePrincipalPolicy", &parameters).await?;
    let names = xml::element_texts(&answer, "EvalActionName");
    let decisions = xml::element_texts(&answer, "EvalDecision");
    let denied = names.into_iter().zip(decisions).filter(|(_, decision)| decision != "allowed");
    Ok(denied.map(|(name, _)| name).collect())
}

fn missing_permission(role: &str, denied: &[String], resource: &str) -> CheckFailure {
    let name = role.rsplit('/').next().unwrap_or(role);
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": denied, "Resource": resource}],
    });
    check_failure(
        format!("the role {name} lacks {} on {resource}", denied.join(", ")),
        format!("aws iam put-role-policy --role-name {name} --policy-name given-back --policy-document '{policy}'"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_required_permission_has_an_action() {
        let required: Vec<RequiredPermission> = serde_json::from_str(REQUIRED_PERMISSIONS).expect("valid");
        assert!(required.iter().all(|permission| !permission.actions.is_empty()));
    }
}
