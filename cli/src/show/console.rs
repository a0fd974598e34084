//! Links into the AWS console.

use anyhow::{Context, bail};

/// The link to an execution in the Step Functions console.
///
/// # Errors
/// If the text is not the ARN of an execution, or the console of its partition is unknown. An ARN is
/// `arn:<partition>:states:<region>:<account>:execution:<state machine>:<name>`, or
/// `…:express:<state machine>:<name>:<id>`.
pub(super) fn execution_link(arn: &str) -> anyhow::Result<String> {
    let parts: Vec<_> = arn.split(':').collect();
    let ["arn", partition, "states", region, _, kind @ ("execution" | "express"), _, _, ..] = parts[..] else {
        bail!("'{arn}' is not the ARN of an execution");
    };
    let domain = console_domain(partition);
    let domain = domain.with_context(|| format!("the console of {arn} is not known"))?;
    let page = if kind == "express" { "express-executions" } else { "v2/executions" };
    Ok(format!("https://{region}.console.{domain}/states/home?region={region}#/{page}/details/{arn}"))
}

fn console_domain(partition: &str) -> Option<&'static str> {
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
    fn the_link_depends_on_partition_region_and_type() {
        let cases = [
            ("aws", "eu-central-1", "execution:dev:0d1f", "aws.amazon.com", "v2/executions"),
            ("aws", "eu-central-1", "express:dev:0d1f:9c2a", "aws.amazon.com", "express-executions"),
            ("aws-cn", "cn-north-1", "execution:dev:0d1f", "amazonaws.cn", "v2/executions"),
            ("aws-us-gov", "us-gov-west-1", "execution:dev:0d1f", "amazonaws-us-gov.com", "v2/executions"),
        ];
        for (partition, region, execution, domain, page) in cases {
            let arn = format!("arn:{partition}:states:{region}:123456789012:{execution}");
            let expected =
                format!("https://{region}.console.{domain}/states/home?region={region}#/{page}/details/{arn}");
            assert_eq!(execution_link(&arn).unwrap(), expected);
        }
    }

    #[test]
    fn other_arns_and_unknown_partitions_have_no_link() {
        for arn in [
            "arn:aws:s3:::source/photo.jpg",
            "arn:aws:states:eu-central-1:1:stateMachine:dev",
            "arn:moon:states:sea-1:1:execution:dev:0d1f",
        ] {
            assert!(execution_link(arn).is_err(), "{arn}");
        }
    }
}
