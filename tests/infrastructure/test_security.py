"""What holds for the template as a whole: reasons for wildcards, encryption, and no plain HTTP."""

import re

import pytest
from cloudformation import REPOSITORY, resources_of_type

# What keeps what somebody uploaded or did, and how it says that it is encrypted. Log groups always are.
ENCRYPTED = {
    "AWS::S3::Bucket": lambda bucket: "BucketEncryption" in bucket,
    # By itself, with a key that AWS owns; SSESpecification takes a key in KMS.
    "AWS::DynamoDB::Table": lambda table: "SSESpecification" not in table,
    "AWS::SQS::Queue": lambda queue: queue["SqsManagedSseEnabled"] is True,
}
KEEP_NOTHING_OF_ANYBODYS = {
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
    # CloudWatch cannot publish to a topic under SNS's own key, and a key of our own costs a dollar a month. Alarms hold no
    # secret.
    "AWS::SNS::Topic",
}
EVERYTHING = re.compile(r"""^\s*(- )?Resource: *\[?['"]?\*""")


@pytest.mark.parametrize("name", ["template.yaml", "docs/deploy-role.yaml"])
def test_every_right_over_everything_has_its_reason_above_it(name):
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if EVERYTHING.match(line):
            sid = max(above for above in range(number) if "- Sid:" in lines[above])
            assert lines[sid - 1].lstrip().startswith("#"), f"{name}:{number + 1}: {lines[sid].strip()}"


def test_whatever_keeps_something_is_encrypted_at_rest(template):
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in ENCRYPTED:
            assert ENCRYPTED[kind](resource["Properties"]), name
        else:
            # A kind that is new here is thought about first.
            assert kind in KEEP_NOTHING_OF_ANYBODYS, f"{name}: does a {kind} keep anything?"


def test_no_bucket_and_no_queue_is_spoken_to_in_the_clear(template):
    closed = set()
    for kind, field in (("AWS::S3::BucketPolicy", "Bucket"), ("AWS::SQS::QueuePolicy", "Queues")):
        for policy in resources_of_type(template, kind).values():
            refusal = [it for it in policy["PolicyDocument"]["Statement"] if it.get("Sid") == "RefusePlainHttp"]
            assert [(it["Effect"], it["Principal"]) for it in refusal] == [("Deny", "*")]
            assert refusal[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            closed.update([policy[field]] if isinstance(policy[field], str) else policy[field])
    kept = resources_of_type(template, "AWS::S3::Bucket").keys() | resources_of_type(template, "AWS::SQS::Queue").keys()
    assert closed == {"${" + name + "}" for name in kept}


def test_the_world_fetches_renditions_over_tls_only(template):
    (distribution,) = resources_of_type(template, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    behaviours = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]
    assert {it["ViewerProtocolPolicy"] for it in behaviours} <= {"https-only", "redirect-to-https"}


def test_nothing_is_allowed_to_everybody(template):
    for name, resource in template["Resources"].items():
        policy = resource["Properties"].get("PolicyDocument", {})
        for statement in policy.get("Statement", []):
            for each in statement.get("Fn::If", [statement]):
                if isinstance(each, dict) and each["Effect"] == "Allow":
                    assert each["Principal"] not in ("*", {"AWS": "*"}), name


PAGE = REPOSITORY / "docs" / "security.md"


def claims():
    """Each row of a table that says what holds it: what is claimed, and its last cell."""
    held = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            held = False
        elif cells[-1] == "held by":
            held = True
        elif held and not line.startswith("|---"):
            yield cells[0], cells[-1]


@pytest.mark.parametrize("claim, held_by", list(claims()))
def test_every_claim_of_the_page_names_what_holds_it(claim, held_by):
    links = re.findall(r"\[[^\]]+\]\(([^)#]+)", held_by)
    targets = re.findall(r"`make (\S+?)`", held_by)
    named_otherwise = re.match(r"the same|`(local/|gh )|the workflow|zizmor", held_by)
    assert links or targets or named_otherwise, claim
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}: " in makefile for target in targets), targets
    sources = [(PAGE.parent / link).resolve().read_text(encoding="utf-8") for link in links]
    # A test that is named is in one of the files that are linked.
    for name in re.findall(r"`([a-z]\w+_\w+)`", held_by):
        assert any(f"fn {name}(" in source or f"def {name}(" in source for source in sources), name


def test_the_page_makes_claims():
    assert len(list(claims())) > 30
