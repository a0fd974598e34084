"""What lies between the buckets and the functions: rules, dead letters, state machine, logs, record, outputs."""

import pytest
from cloudformation import REPOSITORY, listed, resources_of_type, statements, texts

AS_LONG_AS_EVENTBRIDGE_TRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


@pytest.fixture(scope="module")
def events(functions):
    """The properties of every rule that SAM makes of a function's event, under the logical id that it gives it."""
    return {
        owner + name: event["Properties"]
        for owner, properties in functions.items()
        for name, event in properties.get("Events", {}).items()
    }


@pytest.fixture(scope="module")
def upload_arrived(template):
    (rule,) = resources_of_type(template, "AWS::Events::Rule").values()
    return rule


def test_there_are_three_rules(template, events):
    assert set(resources_of_type(template, "AWS::Events::Rule")) == {"UploadArrived"}
    assert set(events) == {"NotifyFunctionExecutionFailed", "ImagesFunctionSourceDeleted"}


def test_uploads_have_one_rule_with_one_target_whatever_the_intake(template, upload_arrived):
    # A second rule, or a target with another Id, would leave a moment of an update without any.
    assert "Condition" not in template["Resources"]["UploadArrived"]
    assert set(upload_arrived) == {"EventPattern", "Targets"}
    assert upload_arrived["Targets"] == [
        {
            "Id": "Upload",
            "Arn": {"Fn::If": ["QueuesIntake", "${IntakeQueue.Arn}", "${ImagePipelineLive}"]},
            "RoleArn": {"Fn::If": ["QueuesIntake", "${AWS::NoValue}", "${UploadArrivedRole.Arn}"]},
            "RetryPolicy": AS_LONG_AS_EVENTBRIDGE_TRIES,
            "DeadLetterConfig": {"Arn": "${DeadLetterQueue.Arn}"},
        }
    ]


def test_what_a_target_may_be_is_there_whatever_the_intake(template):
    for name in ("IntakeQueue", "IntakeQueuePolicy", "ImagePipelineLive", "UploadArrivedRole"):
        assert "Condition" not in template["Resources"][name], name


def test_executions_are_started_by_the_arn_of_the_state_machine_and_only_through_its_alias(template, functions):
    # Step Functions never looks for the ARN of an alias in a policy.
    roles = [
        policy["PolicyDocument"]["Statement"]
        for role in resources_of_type(template, "AWS::IAM::Role").values()
        for policy in role.get("Policies", [])
    ]
    starts = [it for role in roles for it in role if any("states:" in action for action in listed(it["Action"]))]
    _, express, standard = template["Resources"]["ImagePipelineLive"]["Properties"]["Name"]["Fn::If"]
    assert len(starts) == 3
    for statement in starts:
        assert statement["Action"] == "states:StartExecution"
        assert statement["Resource"] == "${ImagePipeline}"
        assert statement["Condition"] == {
            "ForAnyValue:StringEquals": {"states:StateMachineQualifier": [standard, express]}
        }


def test_the_roles_of_rule_and_pipe_are_assumed_by_their_service_for_this_account(template):
    for name, service in (("UploadArrivedRole", "events"), ("IntakePipeRole", "pipes")):
        (trust,) = template["Resources"][name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}


def test_every_rule_retries_and_then_keeps_what_it_could_not_deliver(events):
    for name, event in events.items():
        assert event["RetryPolicy"] == AS_LONG_AS_EVENTBRIDGE_TRIES, name
        assert event["DeadLetterConfig"] == {"Arn": "${DeadLetterQueue.Arn}"}, name


def test_the_dead_letter_queue_takes_from_the_rules_and_from_nobody_else(template, events):
    policy = resources_of_type(template, "AWS::SQS::QueuePolicy")["DeadLetterQueuePolicy"]
    assert policy["Queues"] == ["${DeadLetterQueue}"]
    rules = ["UploadArrived", *events]
    allowed = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"]
    assert allowed == [
        {
            "Sid": "TakeWhatTheRulesCouldNotDeliver",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "${DeadLetterQueue.Arn}",
            "Condition": {"ArnEquals": {"aws:SourceArn": ["${" + name + ".Arn}" for name in rules]}},
        }
    ]


def test_dead_letters_are_encrypted_and_kept_as_long_as_can_be(template):
    assert resources_of_type(template, "AWS::SQS::Queue")["DeadLetterQueue"] == {
        "MessageRetentionPeriod": 14 * 24 * 3600,
        "SqsManagedSseEnabled": True,
    }


def test_a_red_execution_of_this_state_machine_reaches_notify(events):
    assert events["NotifyFunctionExecutionFailed"]["Pattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": ["${ImagePipeline}"], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }


def test_a_deleted_source_reaches_the_images_function(events):
    assert events["ImagesFunctionSourceDeleted"]["Pattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Deleted"],
        "detail": {
            "bucket": {"name": ["${SourceBucket}"]},
            # A lifecycle rule's permanent deletions are of earlier versions, and many at once.
            "$or": [{"reason": ["DeleteObject"]}, {"deletion-type": ["Delete Marker Created"]}],
        },
    }


def test_the_state_machine_invokes_its_three_functions_and_sets_up_its_log(image_pipeline, functions):
    invoke, log = statements(image_pipeline)
    assert invoke["Action"] == "lambda:InvokeFunction"
    bare = {"${" + name + ".Arn}" for name in set(functions) - {"ImagesFunction"}}
    assert set(invoke["Resource"]) == bare | {arn + ":*" for arn in bare}
    # IAM knows no narrower resource for these.
    assert log["Resource"] == "*"
    assert {action.split(":")[0] for action in log["Action"]} == {"logs"}
    assert not any("*" in action or "Events" in action for action in log["Action"])


def test_executions_are_logged_whole_and_traced(image_pipeline):
    assert image_pipeline["Logging"] == {
        "Level": "ALL",
        "IncludeExecutionData": True,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": "${ImagePipelineLogGroup.Arn}"}}],
    }
    assert image_pipeline["Tracing"] == {"Enabled": True}


def test_a_trace_goes_from_the_api_through_the_executions_to_the_functions(template, image_pipeline, functions):
    assert template["Resources"]["Api"]["Properties"]["TracingEnabled"] is True
    assert image_pipeline["Tracing"] == {"Enabled": True}
    assert {function["Tracing"] for function in functions.values()} == {"Active"}


def test_changing_the_workflow_type_changes_the_name_of_the_machine_and_of_its_alias(template, image_pipeline):
    assert image_pipeline["Type"] == "${WorkflowType}"
    for named in (image_pipeline, template["Resources"]["ImagePipelineLive"]["Properties"]):
        choice, express, standard = named["Name"]["Fn::If"]
        assert choice == "IsExpress" and express != standard


def test_every_change_is_a_version_that_stays_and_uploads_start_what_the_alias_is_at(template):
    version, alias = (template["Resources"][f"ImagePipeline{name}"] for name in ("Version", "Live"))
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert version["Properties"] == {
        "StateMachineArn": "${ImagePipeline}",
        "StateMachineRevisionId": "${ImagePipeline.StateMachineRevisionId}",
    }
    assert alias["Properties"]["DeploymentPreference"]["StateMachineVersionArn"] == "${ImagePipelineVersion}"


def test_every_log_group_forgets_in_time_and_has_its_writer(template, functions, image_pipeline):
    log_groups = resources_of_type(template, "AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] == "${LogRetentionDays}" for group in log_groups.values())
    writers = {name: function["LoggingConfig"]["LogGroup"] for name, function in functions.items()}
    assert writers == {
        "ValidateFunction": "${ValidateLogGroup}",
        "ResizeFunction": "${ResizeLogGroup}",
        "NotifyFunction": "${NotifyLogGroup}",
        "ImagesFunction": "${ImagesLogGroup}",
    }
    assert set(log_groups) == {"ImagePipelineLogGroup", "ApiLogGroup", *(name[2:-1] for name in writers.values())}
    assert all(function["LoggingConfig"]["LogFormat"] == "JSON" for function in functions.values())


def test_the_record_table_is_the_one_of_the_design(template):
    assert resources_of_type(template, "AWS::DynamoDB::Table") == {
        "RecordTable": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "key", "AttributeType": "S"},
                {"AttributeName": "status", "AttributeType": "S"},
                {"AttributeName": "received_at", "AttributeType": "S"},
            ],
            "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by_status",
                    "KeySchema": [
                        {"AttributeName": "status", "KeyType": "HASH"},
                        {"AttributeName": "received_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        }
    }


def test_the_outputs_have_the_names_that_scripts_rely_on(template):
    assert set(template["Outputs"]) == {
        "SourceBucketName",
        "SourceBucketArn",
        "DestinationBucketName",
        "DestinationBucketArn",
        "RecordTableName",
        "RecordTableArn",
        "StateMachineAliasArn",
        "StateMachineName",
        "StateMachineArn",
        "EventBusName",
        "EventBusArn",
        "DeadLetterQueueUrl",
        "AlarmTopicArn",
        "DeadLetterQueueArn",
        "DeliveryDomain",
        "DeliveryKeyIdA",
        "DeliveryKeyIdB",
        "DistributionId",
        "ValidateFunctionName",
        "ResizeFunctionName",
        "NotifyFunctionName",
        "ImagesFunctionName",
        "ApiUrl",
        "ApiId",
        "ApiStage",
        "ApiKeyId",
        "UserPoolId",
        "Profiles", "UserPoolClientId",
        "IntakeQueueUrl",
        "IntakePipeName",
    }


def test_every_parameter_is_described_has_a_default_and_a_group(template):
    grouped = [
        name
        for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    ]
    assert sorted(grouped) == sorted(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"] and "Default" in parameter, name
        bounds = {"AllowedValues", "AllowedPattern", "MaxLength", "MaxValue"}
        assert bounds & set(parameter), name


def test_the_default_profile_ships(template):
    profile = template["Parameters"]["DefaultProfile"]["Default"]
    assert (REPOSITORY / "profiles" / f"{profile}.json").is_file()


def test_no_account_region_or_name_of_the_cloud_is_written_down(template):
    # What a parameter takes may name one. CloudFront's certificates and metrics live in a single region.
    for text in texts({**template, "Parameters": {}}):
        assert "arn:aws" not in text, text
        assert "us-east-1" not in text or "AWS/CloudFront" in text, text
    named = {"BucketName", "TableName", "QueueName", "FunctionName", "RoleName", "RuleName"}
    for name, resource in template["Resources"].items():
        for given in named & set(resource["Properties"]):
            # A version, and a permission, refer to their function.
            assert resource["Properties"][given].startswith("${"), name
