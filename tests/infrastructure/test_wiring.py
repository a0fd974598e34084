"""The connections between buckets, rules, queues, state machine and functions; logs, traces and parameters."""

import pytest
from cloudformation import REPOSITORY, resources_of_type, texts

# The longest that EventBridge can be asked for.
RETRIES_FOR_A_DAY = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


@pytest.fixture(scope="module")
def events(functions):
    """The properties of each function's event, by the logical id of the rule that SAM makes of it."""
    return {
        owner + name: event["Properties"]
        for owner, properties in functions.items()
        for name, event in properties.get("Events", {}).items()
    }


def test_uploads_have_one_rule_with_one_target_whatever_the_intake(template):
    # A second rule, or a target with another Id, would leave a moment of an update without any.
    (upload_arrived,) = resources_of_type(template, "AWS::Events::Rule").values()
    assert "Condition" not in template["Resources"]["UploadArrived"]
    assert set(upload_arrived) == {"EventPattern", "Targets"}
    assert upload_arrived["Targets"] == [
        {
            "Id": "Upload",
            "Arn": {"Fn::If": ["QueuesIntake", "${IntakeQueue.Arn}", "${ImagePipelineLive}"]},
            "RoleArn": {"Fn::If": ["QueuesIntake", "${AWS::NoValue}", "${UploadArrivedRole.Arn}"]},
            "RetryPolicy": RETRIES_FOR_A_DAY,
            "DeadLetterConfig": {"Arn": "${DeadLetterQueue.Arn}"},
        }
    ]
    for name in ("IntakeQueue", "IntakeQueuePolicy", "ImagePipelineLive", "UploadArrivedRole"):
        assert "Condition" not in template["Resources"][name], f"{name} exists whatever the intake"


def test_the_rule_leaves_out_empty_objects_that_only_make_a_folder_visible(template):
    # Validate ignores the same objects: `is_folder_marker` in crates/pipeline/src/model/key.rs.
    (upload_arrived,) = resources_of_type(template, "AWS::Events::Rule").values()
    assert upload_arrived["EventPattern"]["detail"]["$or"] == [
        {"object": {"key": [{"anything-but": {"suffix": ["/", "_$folder$"]}}]}},
        {"object": {"size": [{"anything-but": 0}]}},
    ]


def test_the_roles_of_rule_and_pipe_are_assumed_by_their_service_for_this_account(template):
    for name, service in (("UploadArrivedRole", "events"), ("IntakePipeRole", "pipes")):
        (trust,) = template["Resources"][name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}


def test_every_rule_retries_for_a_day_and_then_sends_a_dead_letter(events):
    assert events.keys() == {"NotifyFunctionExecutionFailed", "ImagesFunctionSourceDeleted"}
    for name, event in events.items():
        assert event["RetryPolicy"] == RETRIES_FOR_A_DAY, name
        assert event["DeadLetterConfig"] == {"Arn": "${DeadLetterQueue.Arn}"}, name


def test_the_dead_letter_queue_accepts_messages_of_the_rules_only(template, events):
    policy = resources_of_type(template, "AWS::SQS::QueuePolicy")["DeadLetterQueuePolicy"]
    (allowed,) = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"]
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    rules = ["UploadArrived", *events]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": ["${" + name + ".Arn}" for name in rules]}}


def test_deletions_by_a_lifecycle_rule_call_no_function(events):
    # A lifecycle rule deletes many objects at the same time, and only earlier versions.
    detail = events["ImagesFunctionSourceDeleted"]["Pattern"]["detail"]
    assert detail["$or"] == [{"reason": ["DeleteObject"]}, {"deletion-type": ["Delete Marker Created"]}]


def test_the_api_the_executions_and_the_functions_are_traced(template, image_pipeline, functions):
    assert template["Resources"]["Api"]["Properties"]["TracingEnabled"] is True
    assert image_pipeline["Tracing"] == {"Enabled": True}
    assert {function["Tracing"] for function in functions.values()} == {"Active"}


def test_every_function_writes_json_to_a_log_group_of_its_own_and_every_group_expires(template, functions):
    log_groups = resources_of_type(template, "AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] == "${LogRetentionDays}" for group in log_groups.values())
    for name, function in functions.items():
        group = name.removesuffix("Function") + "LogGroup"
        assert function["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "${" + group + "}"}
        assert group in log_groups


def test_every_parameter_has_a_description_a_default_a_bound_and_a_group(template):
    grouped = [
        name
        for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    ]
    assert sorted(grouped) == sorted(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"] and "Default" in parameter, name
        assert {"AllowedValues", "AllowedPattern", "MaxLength", "MaxValue"} & set(parameter), name


def test_the_default_profile_is_a_shipped_one(template):
    profile = template["Parameters"]["DefaultProfile"]["Default"]
    assert (REPOSITORY / "profiles" / f"{profile}.json").is_file()


def test_the_template_contains_no_account_region_or_physical_name(template):
    # A parameter's pattern may name one. CloudFront's certificates and metrics exist in a single region.
    for text in texts({**template, "Parameters": {}}):
        assert "arn:aws" not in text, text
        assert "us-east-1" not in text or "AWS/CloudFront" in text, text
    named = {"BucketName", "TableName", "QueueName", "FunctionName", "RoleName", "RuleName"}
    for name, resource in template["Resources"].items():
        for given in named & set(resource["Properties"]):
            # A version, and a permission, refer to their function.
            assert resource["Properties"][given].startswith("${"), name
