"""Rules for the whole template: a reason for each wildcard, encryption at rest, TLS, and nothing for everybody."""

import re

import pytest
from cloudformation import REPOSITORY, resources_of_type

# The types that store data of users, and how to see that they are encrypted. Log groups always are.
ENCRYPTED = {
    "AWS::S3::Bucket": lambda bucket: "BucketEncryption" in bucket,
    # Always encrypted, with a key that AWS owns. SSESpecification would select a key in KMS, which costs money.
    "AWS::DynamoDB::Table": lambda table: "SSESpecification" not in table,
    "AWS::SQS::Queue": lambda queue: queue["SqsManagedSseEnabled"] is True,
}
STORE_NO_DATA = {
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::PublicKey",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    # Encrypted by Cognito, with no setting for it.
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Logs::QueryDefinition",
    "AWS::Pipes::Pipe",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
    # CloudWatch cannot publish to a topic under SNS's own key, and a key of our own costs a dollar a month. Alarms hold
    # no secret.
    "AWS::SNS::Topic",
}
EVERYTHING = re.compile(r"""^\s*(- )?Resource: *\[?['"]?\*""")


@pytest.mark.parametrize("name", ["template.yaml", "docs/deploy-role.yaml"])
def test_every_statement_about_all_resources_has_its_reason_in_a_comment_above(name):
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if EVERYTHING.match(line):
            sid = max(above for above in range(number) if "- Sid:" in lines[above])
            assert lines[sid - 1].lstrip().startswith("#"), f"{name}:{number + 1}: {lines[sid].strip()}"


def test_every_resource_that_stores_data_is_encrypted_at_rest(template):
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in ENCRYPTED:
            assert ENCRYPTED[kind](resource["Properties"]), name
        else:
            # A new type of resource fails here until somebody decides whether it stores data.
            assert kind in STORE_NO_DATA, f"{name}: does a {kind} store data?"


def test_every_bucket_and_every_queue_refuses_plain_http(template):
    closed = set()
    for kind, field in (("AWS::S3::BucketPolicy", "Bucket"), ("AWS::SQS::QueuePolicy", "Queues")):
        for policy in resources_of_type(template, kind).values():
            refusal = [it for it in policy["PolicyDocument"]["Statement"] if it.get("Sid") == "RefusePlainHttp"]
            assert [(it["Effect"], it["Principal"]) for it in refusal] == [("Deny", "*")]
            assert refusal[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            closed.update([policy[field]] if isinstance(policy[field], str) else policy[field])
    kept = resources_of_type(template, "AWS::S3::Bucket").keys() | resources_of_type(template, "AWS::SQS::Queue").keys()
    assert closed == {"${" + name + "}" for name in kept}


def test_the_cdn_delivers_over_tls_only(template):
    (distribution,) = resources_of_type(template, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    behaviours = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]
    assert {it["ViewerProtocolPolicy"] for it in behaviours} <= {"https-only", "redirect-to-https"}


def test_no_policy_allows_anything_to_everybody(template):
    for name, resource in template["Resources"].items():
        policy = resource["Properties"].get("PolicyDocument", {})
        for statement in policy.get("Statement", []):
            for each in statement.get("Fn::If", [statement]):
                if isinstance(each, dict) and each["Effect"] == "Allow":
                    assert each["Principal"] not in ("*", {"AWS": "*"}), name
