"""The two buckets: private, encrypted, over TLS only, tidied up, and wired so that nothing runs in a circle."""

import pytest
from cloudformation import listed, resources_of_type, statements

WRITES = ("s3:put", "s3:copy", "s3:replicate", "s3:restore", "s3:complete", "s3:create")


@pytest.fixture(scope="module")
def buckets(template):
    return resources_of_type(template, "AWS::S3::Bucket")


@pytest.fixture(scope="module")
def roles_of_the_pipeline(functions, image_pipeline):
    return {name: statements(properties) for name, properties in {**functions, "ImagePipeline": image_pipeline}.items()}


def lifecycle(bucket):
    return {
        rule["Id"]: {field: value for field, value in rule.items() if field not in ("Id", "Status")}
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if rule["Status"] == "Enabled"
    }


def test_there_are_two_buckets(buckets):
    assert set(buckets) == {"SourceBucket", "DestinationBucket"}


def test_no_bucket_can_be_made_public(buckets):
    for name, bucket in buckets.items():
        assert bucket["PublicAccessBlockConfiguration"] == {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }, name
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, name


def test_every_bucket_is_encrypted(buckets):
    for name, bucket in buckets.items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}, name


def test_every_bucket_refuses_plain_http(template, buckets):
    policies = resources_of_type(template, "AWS::S3::BucketPolicy").values()
    assert {policy["Bucket"] for policy in policies} == {"${" + name + "}" for name in buckets}
    for policy in policies:
        bucket = policy["Bucket"][2:-1]
        assert policy["PolicyDocument"]["Statement"][0] == {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["${" + bucket + ".Arn}", "${" + bucket + ".Arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def test_nobody_is_let_into_the_source_bucket_by_its_policy(template):
    policy = template["Resources"]["SourceBucketPolicy"]["Properties"]["PolicyDocument"]
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]


def test_buckets_records_and_users_outlive_the_stack_but_not_a_first_deployment_that_fails(template):
    kept = {name: it["DeletionPolicy"] for name, it in template["Resources"].items() if "DeletionPolicy" in it}
    # An execution of an earlier release may be redriven; and other APIs of the account log as this role.
    stay = {"ImagePipelineVersion", "ApiGatewayAccount", "ApiGatewayLogRole"}
    stay |= {f"{name}FunctionRelease" for name in ("Validate", "Resize", "Notify")}
    assert {name for name, policy in kept.items() if policy == "Retain"} == stay
    assert {name for name, policy in kept.items() if policy == "RetainExceptOnCreate"} == {
        "SourceBucket",
        "DestinationBucket",
        "RecordTable",
        "UserPool",
    }
    assert all(template["Resources"][name]["UpdateReplacePolicy"] == "Retain" for name in kept)


def test_the_source_is_versioned_and_loses_its_old_versions_in_time(buckets):
    assert buckets["SourceBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert lifecycle(buckets["SourceBucket"]) == {
        "RemoveOldVersions": {
            "NoncurrentVersionExpiration": {"NoncurrentDays": "${SourceVersionRetentionDays}"},
            "ExpiredObjectDeleteMarker": True,
        },
        "AbortUnfinishedUploads": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    }


def test_the_destination_loses_what_is_superseded_and_nothing_else(buckets):
    assert "VersioningConfiguration" not in buckets["DestinationBucket"]
    assert lifecycle(buckets["DestinationBucket"]) == {
        "RemoveSuperseded": {
            "TagFilters": [{"Key": "superseded", "Value": "true"}],
            "ExpirationInDays": "${SupersededRetentionDays}",
        },
        "AbortUnfinishedUploads": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    }


def test_the_rule_hears_new_objects_of_the_source_bucket_and_of_no_other(template):
    assert resources_of_type(template, "AWS::Events::Rule")["UploadArrived"]["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["${SourceBucket}"]}},
    }


def test_only_the_source_bucket_speaks_to_eventbridge(buckets):
    heard = {name for name, bucket in buckets.items() if "NotificationConfiguration" in bucket}
    assert heard == {"SourceBucket"}
    assert buckets["SourceBucket"]["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_no_state_of_the_pipeline_can_write_where_its_own_trigger_listens(roles_of_the_pipeline):
    # The images function's right is for presigned uploads: it signs, its callers put.
    assert roles_of_the_pipeline.pop("ImagesFunction")[0]["Sid"] == "PresignUploads"
    written = {
        resource
        for role in roles_of_the_pipeline.values()
        for statement in role
        for action in listed(statement["Action"])
        if action.lower().startswith(WRITES) or action in ("*", "s3:*")
        for resource in listed(statement["Resource"])
    }
    assert written == {"${DestinationBucket.Arn}/*"}


def test_the_only_other_roles_are_those_of_api_gateway_of_the_rule_and_of_the_pipe(template, functions):
    assert set(resources_of_type(template, "AWS::IAM::Role")) - {f"{name}Role" for name in functions} == {
        "UploadRole",
        "ApiGatewayLogRole",
        "UploadArrivedRole",
        "IntakePipeRole",
    }
    for resource_type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"):
        assert resources_of_type(template, resource_type) == {}
