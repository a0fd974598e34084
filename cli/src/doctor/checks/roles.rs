//! Every role may do what its part needs, by `iam:SimulatePrincipalPolicy`. What is needed is in `rights.json`.

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use super::super::{
    aws::{IAM, Refusal, xml},
    finding::{Checked, Trouble, good, skipped, trouble},
    patient::Patient,
};

const RIGHTS: &str = include_str!("../rights.json");
/// IAM throttles callers who ask for more.
const AT_ONCE: usize = 4;

/// What a role may do to a resource.
#[derive(Debug, Deserialize)]
struct Right {
    /// Its logical id; `rule` is the role of the rule that starts executions.
    role: String,
    actions: Vec<String>,
    /// With `${…}` for outputs of the stack.
    resource: String,
}

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    let rights: Vec<Right> = serde_json::from_str(RIGHTS).map_err(anyhow::Error::from)?;
    let mut asked = Vec::new();
    for right in rights {
        let Some(role) = role_arn(patient, &right.role) else { continue };
        let resource = filled(patient, &right.resource)?;
        asked.push((role, right.actions, resource));
    }
    let count: usize = asked.iter().map(|(_, actions, _)| actions.len()).sum();
    let patient = &*patient;
    let answers = stream::iter(asked)
        .map(|(role, actions, resource)| async move {
            let denied = simulate(patient, &role, &actions, &resource).await;
            (role, resource, denied)
        })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    for (role, resource, denied) in answers.await {
        match denied {
            Ok(denied) if denied.is_empty() => {}
            Ok(denied) => return Err(lacks(&role, &denied, &resource)),
            Err(refusal) if refusal.is_denied() => {
                return skipped(format!("the caller lacks {}", refusal.call));
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    good(format!("{count} rights, none missing"))
}

/// The ARN of a role; nothing where the stack has none of that name.
fn role_arn(patient: &Patient<'_>, role: &str) -> Option<String> {
    if role == "rule" {
        return patient.rule_role.clone().filter(|_| patient.parameter("Intake") != "queue");
    }
    let name = patient.physical(role)?;
    let arn = patient.outputs.get("StateMachineArn")?;
    let parts: Vec<_> = arn.split(':').collect();
    let (partition, account) = (parts.get(1)?, parts.get(4)?);
    Some(format!("arn:{partition}:iam::{account}:role/{name}"))
}

fn filled(patient: &Patient<'_>, resource: &str) -> Result<String, Trouble> {
    let mut text = resource.to_owned();
    while let Some((before, rest)) = text.split_once("${") {
        let Some((name, after)) = rest.split_once('}') else { break };
        text = format!("{before}{}{after}", value(patient, name)?);
    }
    Ok(text)
}

fn value(patient: &Patient<'_>, name: &str) -> Result<String, Trouble> {
    let arn = |service: &str, resource: &str| {
        let machine = patient.output("StateMachineArn")?;
        let parts: Vec<_> = machine.splitn(6, ':').collect();
        let [_, partition, _, region, account, _] = parts[..] else {
            return Err(trouble(format!("'{machine}' is not an ARN"), "make deploy"));
        };
        Ok(format!("arn:{partition}:{service}:{region}:{account}:{resource}"))
    };
    match name {
        "AcceptedType" => {
            let first = patient.parameter("AcceptedTypes").split(',').next();
            Ok(first.unwrap_or("image/jpeg").to_owned())
        }
        "IntakeQueueArn" => {
            let url = patient.output("IntakeQueueUrl")?;
            arn("sqs", url.rsplit('/').next().unwrap_or_default())
        }
        // Of a stream in it, which is what a function writes.
        _ if name.ends_with("LogGroupArn") => {
            let function = name.trim_end_matches("LogGroupArn").to_lowercase();
            let group = format!("/aws/lambda/{}-{function}", patient.stack);
            arn("logs", &format!("log-group:{group}:log-stream:x"))
        }
        _ if name.ends_with("FunctionArn") => {
            let function = name.trim_end_matches("Arn").to_owned() + "Name";
            arn("lambda", &format!("function:{}", patient.output(&function)?))
        }
        _ => patient.output(name).map(str::to_owned),
    }
}

/// Which of the actions the role is denied.
async fn simulate(
    patient: &Patient<'_>,
    role: &str,
    actions: &[String],
    resource: &str,
) -> Result<Vec<String>, Refusal> {
    let mut parameters = vec![
        ("PolicySourceArn".to_owned(), role.to_owned()),
        ("ResourceArns.member.1".to_owned(), resource.to_owned()),
    ];
    for (index, action) in actions.iter().enumerate() {
        parameters.push((format!("ActionNames.member.{}", index + 1), action.clone()));
    }
    // An alias is authorised by its machine's ARN, and named by this key. Both keys have lists of values.
    let alias = patient.outputs.get("StateMachineAliasArn").map_or("", String::as_str);
    let qualifier = alias.rsplit(':').next().unwrap_or_default();
    let context = [("states:StateMachineQualifier", qualifier), ("events:source", "darkroom")];
    for (index, (key, value)) in context.into_iter().enumerate() {
        let entry = format!("ContextEntries.member.{}", index + 1);
        for (name, value) in [
            ("ContextKeyName", key),
            ("ContextKeyValues.member.1", value),
            ("ContextKeyType", "stringList"),
        ] {
            parameters.push((format!("{entry}.{name}"), value.to_owned()));
        }
    }
    let answer = patient.aws.query(IAM, "SimulatePrincipalPolicy", &parameters).await?;
    let names = xml::texts(&answer, "EvalActionName");
    let decisions = xml::texts(&answer, "EvalDecision");
    let denied = names.into_iter().zip(decisions).filter(|(_, decision)| decision != "allowed");
    Ok(denied.map(|(name, _)| name).collect())
}

fn lacks(role: &str, denied: &[String], resource: &str) -> Trouble {
    let name = role.rsplit('/').next().unwrap_or(role);
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": denied, "Resource": resource}],
    });
    trouble(
        format!("the role {name} lacks {} on {resource}", denied.join(", ")),
        format!(
            "aws iam put-role-policy --role-name {name} --policy-name given-back --policy-document '{policy}'"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rights_can_be_read() {
        let rights: Vec<Right> = serde_json::from_str(RIGHTS).expect("valid");
        assert!(rights.iter().all(|right| !right.actions.is_empty()));
    }
}
