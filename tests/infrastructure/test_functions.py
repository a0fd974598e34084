"""The functions: that they can be built at all, what they are told, and that each may do its own work only."""

import subprocess
import tomllib

import pytest
from cloudformation import REPOSITORY, listed, statements

BINARIES = {"ValidateFunction": "validate", "ResizeFunction": "resize", "NotifyFunction": "notify", "ImagesFunction": "images"}

READ_SOURCES = {
    "Sid": "ReadSources",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": "${SourceBucket.Arn}/*",
}
TELL_GONE_SOURCES = {
    "Sid": "TellGoneFromForbidden",
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "${SourceBucket.Arn}",
}
DELIVERY_DOMAIN = {
    "Fn::If": [
        "HasDelivery",
        {"Fn::If": ["HasDeliveryDomainName", "${DeliveryDomainName}", "${Distribution.DomainName}"]},
        "${AWS::NoValue}",
    ]
}
OF_ALL = {
    "METRICS_STACK": {"Fn::If": ["IsObserved", "${AWS::StackName}", "${AWS::NoValue}"]},
    "RUST_LOG": "info",
}
EVENT_BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}"


KEEPS_FAILED_INVOCATIONS = {
    "Sid": "KeepFailedInvocations",
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "${DeadLetterQueue.Arn}",
}


def logs_and_traces(name):
    """What every function may do besides its own work."""
    log = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return [
        {"Sid": "WriteItsLog", "Effect": "Allow", "Action": log, "Resource": "${" + name + "LogGroup.Arn}"},
        {
            "Sid": "WriteTraces",
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": "*",
        },
    ]


def record(sid, action="dynamodb:UpdateItem"):
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": action,
        "Resource": "${RecordTable.Arn}",
    }


def test_the_functions_are_the_three_of_the_pipeline_and_that_of_the_api(functions):
    assert set(functions) == set(BINARIES)


def test_the_runtime_is_the_one_that_takes_a_binary(functions):
    # `sam validate` takes any name.
    for name, function in functions.items():
        assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap"), name
        assert function["Architectures"] == ["${Architecture}"], name


def test_every_function_is_built_from_a_binary_that_exists(template, functions):
    # `sam validate` takes any folder and any binary.
    for name, binary in BINARIES.items():
        metadata = template["Resources"][name]["Metadata"]
        assert metadata == {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": binary}}
        assert (REPOSITORY / functions[name]["CodeUri"] / "Cargo.toml").is_file(), name
        manifest = tomllib.loads((REPOSITORY / "functions" / binary / "Cargo.toml").read_text(encoding="utf-8"))
        assert manifest["package"]["name"] == binary
        assert (REPOSITORY / "functions" / binary / "src" / "main.rs").is_file(), name


def test_the_definition_is_where_the_template_says(image_pipeline):
    # `sam validate` takes any path.
    assert (REPOSITORY / image_pipeline["DefinitionUri"]).is_file()


def test_every_function_has_memory_a_timeout_and_tracing(functions):
    sizes = {name: (function["MemorySize"], function["Timeout"]) for name, function in functions.items()}
    assert sizes == {
        "ValidateFunction": (256, 30),
        "ResizeFunction": ("${ResizeMemorySize}", 120),
        "NotifyFunction": (256, 30),
        # API Gateway waits for 29 s.
        "ImagesFunction": (256, 29),
    }
    assert all(function["Tracing"] == "Active" for function in functions.values())


def test_every_function_is_told_what_it_reads_and_no_more(functions):
    profiles = {
        "DEFAULT_PROFILE": "${DefaultProfile}",
        "PROFILES": {"Fn::If": ["HasProfiles", "${Profiles}", "${AWS::NoValue}"]},
    }
    records = {"RECORD_RETENTION_DAYS": "${RecordRetentionDays}", "RECORD_TABLE": "${RecordTable}"}
    told = {name: function["Environment"]["Variables"] for name, function in functions.items()}
    assert told == {
        "ValidateFunction": {
            **OF_ALL,
            "DESTINATION_BUCKET": "${DestinationBucket}",
            "RESIZE_MEMORY_SIZE": "${ResizeMemorySize}",
            **profiles,
            **records,
        },
        "ResizeFunction": {**OF_ALL},
        "NotifyFunction": {
            **OF_ALL,
            "DELIVERY_DOMAIN": DELIVERY_DOMAIN,
            "DESTINATION_BUCKET": "${DestinationBucket}",
            "EVENT_BUS_NAME": "${EventBusName}",
            **profiles,
            **records,
        },
        "ImagesFunction": {
            **OF_ALL,
            "CORS_ORIGINS": "${CorsOrigins}",
            "DELIVERY_DOMAIN": DELIVERY_DOMAIN,
            "DESTINATION_BUCKET": "${DestinationBucket}",
            "MANAGE_KEYS": {"Fn::If": ["UsesApiKeys", "${ApiKey},${ApiManageKeys}", "${AWS::NoValue}"]},
            **profiles,
            "RECORD_TABLE": "${RecordTable}",
            "SOURCE_BUCKET": "${SourceBucket}",
            "STATE_MACHINE_ARN": "${ImagePipelineLive}",
        },
    }


def test_a_release_is_a_version_of_what_the_state_machine_calls_and_outlives_the_next(template, functions):
    for name in functions.keys() - {"ImagesFunction"}:
        function = functions[name]
        release = template["Resources"][name + "Release"]
        assert release["Condition"] == "HasRelease"
        assert (release["DeletionPolicy"], release["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert release["Properties"] == {"FunctionName": "${" + name + "}", "Description": "${Release}"}
        # Lambda publishes no second version of a function that has not changed.
        assert "${Release}" in function["Description"]


def test_validate_reads_sources_and_opens_records(functions):
    assert statements(functions["ValidateFunction"]) == [
        READ_SOURCES,
        TELL_GONE_SOURCES,
        record("OpenRecord"),
        *logs_and_traces("Validate"),
    ]


def test_resize_reads_sources_that_it_can_name_and_writes_renditions(functions):
    # It decodes what strangers sent: it neither lists nor removes anything.
    assert statements(functions["ResizeFunction"]) == [
        READ_SOURCES,
        {
            "Sid": "WriteRenditions",
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": "${DestinationBucket.Arn}/*",
        },
        *logs_and_traces("Resize"),
    ]


def test_notify_closes_records_tags_renditions_and_publishes(functions):
    assert statements(functions["NotifyFunction"]) == [
        record("CloseRecord", ["dynamodb:GetItem", "dynamodb:UpdateItem"]),
        {
            "Sid": "TagSupersededRenditions",
            "Effect": "Allow",
            "Action": ["s3:DeleteObjectTagging", "s3:PutObjectTagging"],
            "Resource": "${DestinationBucket.Arn}/*",
        },
        {
            "Sid": "TellGoneFromForbidden",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "${DestinationBucket.Arn}",
        },
        {
            "Sid": "PublishOutcome",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": EVENT_BUS,
            "Condition": {"ForAllValues:StringEquals": {"events:source": "darkroom"}},
        },
        KEEPS_FAILED_INVOCATIONS,
        *logs_and_traces("Notify"),
    ]


def test_every_function_has_a_role_of_its_own_that_only_lambda_assumes(template, functions):
    for name, function in functions.items():
        assert function["Role"] == "${" + name + "Role.Arn}"
        role = template["Resources"][name + "Role"]["Properties"]
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]


def test_no_function_may_use_a_wildcard_for_an_action_or_a_whole_resource(functions):
    for name, function in functions.items():
        for statement in statements(function):
            assert not any("*" in action for action in listed(statement["Action"])), name
            for resource in listed(statement["Resource"]):
                # Traces have no resource that could be named.
                assert "*" not in resource.removesuffix("/*") or statement["Sid"] == "WriteTraces", name


def test_images_presigns_lists_removes_and_starts(functions):
    may = {(action, statement["Resource"]) for statement in statements(functions["ImagesFunction"])
           for action in listed(statement["Action"])}
    sources, renditions = "${SourceBucket.Arn}/*", "${DestinationBucket.Arn}/*"
    assert may == {
        ("s3:PutObject", sources),
        ("s3:GetObject", sources),
        ("s3:DeleteObject", sources),
        ("s3:DeleteObjectVersion", sources),
        ("s3:ListBucket", "${SourceBucket.Arn}"),
        ("s3:ListBucketVersions", "${SourceBucket.Arn}"),
        ("s3:GetObject", renditions),
        ("s3:DeleteObject", renditions),
        ("s3:ListBucket", "${DestinationBucket.Arn}"),
        ("dynamodb:GetItem", "${RecordTable.Arn}"),
        ("dynamodb:PutItem", "${RecordTable.Arn}"),
        ("dynamodb:Query", "${RecordTable.Arn}/index/by_status"),
        ("states:StartExecution", "${ImagePipeline}"),
        ("sqs:SendMessage", "${DeadLetterQueue.Arn}"),
        ("logs:CreateLogStream", "${ImagesLogGroup.Arn}"),
        ("logs:PutLogEvents", "${ImagesLogGroup.Arn}"),
        ("xray:PutTelemetryRecords", "*"),
        ("xray:PutTraceSegments", "*"),
    }


@pytest.mark.parametrize("name", ["NotifyFunction", "ImagesFunction"])
def test_what_a_function_can_not_do_after_an_event_is_kept(functions, name):
    assert functions[name]["EventInvokeConfig"] == {
        "MaximumRetryAttempts": 2,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": "${DeadLetterQueue.Arn}"}},
    }


def test_what_is_deployed_has_no_feature_that_only_tests_need():
    # As `sam build` builds: from the workspace's folder, where cargo unites the features of all default members.
    command = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p} [{f}]"]
    tree = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    features = {line.split()[0]: line[line.index("[") + 1 : line.index("]")] for line in tree.splitlines() if line}

    assert set(BINARIES.values()) <= features.keys()
    assert [features[crate] for crate in ("pipeline", "imaging", "resample")] == ["", "", ""]
    assert not features.keys() & {"proptest", "image", "end-to-end"}
