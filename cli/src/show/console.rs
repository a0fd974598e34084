//! Where the console shows an execution.

use anyhow::Context;

/// The link to an execution in the Step Functions console.
///
/// # Errors
/// If it is not the ARN of an execution:
/// `arn:<partition>:states:<region>:<account>:execution:<state machine>:<name>`, or
/// `…:express:<state machine>:<name>:<id>`.
pub(super) fn link(execution: &str) -> anyhow::Result<String> {
    let parts: Vec<_> = execution.split(':').collect();
    let (domain, region, kind) = match parts[..] {
        ["arn", partition, "states", region, _, kind @ ("execution" | "express"), _, _, ..] => {
            (domain(partition), region, kind)
        }
        _ => return Err(anyhow::anyhow!("'{execution}' is not the ARN of an execution")),
    };
    let domain = domain.with_context(|| format!("the console of {execution} is not known"))?;
    let page = if kind == "express" { "express-executions" } else { "v2/executions" };
    Ok(format!(
        "https://{region}.console.{domain}/states/home?region={region}#/{page}/details/{execution}"
    ))
}

fn domain(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("aws.amazon.com"),
        "aws-cn" => Some("amazonaws.cn"),
        "aws-eusc" => Some("amazonaws-eusc.eu"),
        "aws-us-gov" => Some("amazonaws-us-gov.com"),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_linked_by_its_partition_region_type_and_arn() {
        let cases = [
            ("aws", "eu-central-1", "execution:dev:0d1f", "aws.amazon.com", "v2/executions"),
            (
                "aws",
                "eu-central-1",
                "express:dev:0d1f:9c2a",
                "aws.amazon.com",
                "express-executions",
            ),
            ("aws-cn", "cn-north-1", "execution:dev:0d1f", "amazonaws.cn", "v2/executions"),
            (
                "aws-us-gov",
                "us-gov-west-1",
                "execution:dev:0d1f",
                "amazonaws-us-gov.com",
                "v2/executions",
            ),
        ];
        for (partition, region, execution, domain, page) in cases {
            let arn = format!("arn:{partition}:states:{region}:123456789012:{execution}");
            let expected = format!(
                "https://{region}.console.{domain}/states/home?region={region}#/{page}/details/{arn}"
            );
            assert_eq!(link(&arn).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_execution_has_no_link() {
        for arn in [
            "arn:aws:s3:::source/photo.jpg",
            "arn:aws:states:eu-central-1:1:stateMachine:dev",
            "arn:moon:states:sea-1:1:execution:dev:0d1f",
        ] {
            assert!(link(arn).is_err(), "{arn}");
        }
    }
}
