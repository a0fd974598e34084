"""The two buckets: private, over TLS only, retained, and no pipeline run can start another."""

import pytest
from cloudformation import REPOSITORY, listed, resources_of_type, statements

WRITES = ("s3:put", "s3:copy", "s3:replicate", "s3:restore", "s3:complete", "s3:create")


@pytest.fixture(scope="module")
def buckets(template):
    return resources_of_type(template, "AWS::S3::Bucket")


def test_no_bucket_can_be_made_public(buckets):
    for name, bucket in buckets.items():
        assert bucket["PublicAccessBlockConfiguration"] == {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }, name
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, name


def test_the_policy_of_the_source_bucket_allows_nothing(template):
    policy = template["Resources"]["SourceBucketPolicy"]["Properties"]["PolicyDocument"]
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]


def test_buckets_records_and_users_outlive_the_stack_but_not_a_first_deployment_that_fails(template):
    kept = {name: it["DeletionPolicy"] for name, it in template["Resources"].items() if "DeletionPolicy" in it}
    # An execution of an earlier release may be redriven. Other APIs of the account log with this role.
    always = {"ImagePipelineVersion", "ApiGatewayAccount", "ApiGatewayLogRole"}
    always |= {f"{name}FunctionRelease" for name in ("Validate", "Resize", "Notify")}
    assert {name for name, policy in kept.items() if policy == "Retain"} == always
    assert {name for name, policy in kept.items() if policy == "RetainExceptOnCreate"} == {
        "SourceBucket",
        "DestinationBucket",
        "RecordTable",
        "UserPool",
    }
    assert all(template["Resources"][name]["UpdateReplacePolicy"] == "Retain" for name in kept)


def test_the_destination_loses_only_objects_with_the_tag_that_notify_writes(buckets):
    rules = buckets["DestinationBucket"]["LifecycleConfiguration"]["Rules"]
    (expiring,) = [rule for rule in rules if "ExpirationInDays" in rule]
    (tag,) = expiring["TagFilters"]
    code = (REPOSITORY / "crates" / "pipeline" / "src" / "aws" / "renditions.rs").read_text(encoding="utf-8")
    assert f'.key("{tag["Key"]}").value("{tag["Value"]}")' in code


def test_only_the_source_bucket_publishes_to_eventbridge(buckets):
    assert {name for name, bucket in buckets.items() if "NotificationConfiguration" in bucket} == {"SourceBucket"}


def test_no_state_of_the_pipeline_can_write_to_the_source_bucket(functions, image_pipeline):
    # The images function has the right for presigned uploads: it signs, and its callers write.
    roles = {name: statements(properties) for name, properties in {**functions, "ImagePipeline": image_pipeline}.items()}
    assert roles.pop("ImagesFunction")[0]["Sid"] == "PresignUploads"
    written = {
        resource
        for role in roles.values()
        for statement in role
        for action in listed(statement["Action"])
        if action.lower().startswith(WRITES) or action in ("*", "s3:*")
        for resource in listed(statement["Resource"])
    }
    assert written == {"${DestinationBucket.Arn}/*"}
