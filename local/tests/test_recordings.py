"""The local cloud answers as AWS did: each file of tests/recordings has a test.

local/README.md lists the known differences. Their tests are expected to fail, and report when a difference is gone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clouds import STACK_TEMPLATE, Cloud, free_port, receive, wait_for
from recordings import event_of, execute, recorded, send, task, types

from darkroom_local.layout import REPOSITORY, Instance


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(Instance(tmp_path_factory.mktemp("recordings"), free_port()))
    try:
        cloud.run("start")
        cloud.run("deploy", "--template", str(STACK_TEMPLATE.with_name("recordings.yaml")))
        yield cloud
    finally:
        cloud.run("stop")


# ── S3's events ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket without versions that publishes to EventBridge."""
    name, s3 = f"bucket-{uuid.uuid4()}", cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def test_events_of_a_bucket_without_versions(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="test-key", Body=b"data")
    created = event_of(cloud, "Object Created", bucket)
    s3.delete_object(Bucket=bucket, Key="test-key")
    deleted = event_of(cloud, "Object Deleted", bucket)

    assert [shape(created), shape(deleted)] == recorded("s3_events_unversioned")


def test_events_while_versioning_is_suspended(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="test-key", Body=b"data")
    event_of(cloud, "Object Created", bucket)
    marker = s3.delete_object(Bucket=bucket, Key="test-key")["VersionId"]
    event_of(cloud, "Object Deleted", bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    s3.put_object(Bucket=bucket, Key="test-key", Body=b"data-version3")
    created = event_of(cloud, "Object Created", bucket)
    s3.delete_object(Bucket=bucket, Key="test-key", VersionId=marker)
    deleted = event_of(cloud, "Object Deleted", bucket)

    assert [shape(created), shape(deleted)] == recorded("s3_events_suspended")


def shape(event: dict[str, Any]) -> dict[str, Any]:
    """An event without the values that differ each time."""
    detail = event["detail"]
    said = {name: detail[name] for name in ("version", "reason", "deletion-type") if name in detail}
    return {
        "detail-type": event["detail-type"],
        "source": event["source"],
        "version": event["version"],
        "attributes": sorted(event),
        "detail": {**said, "attributes": sorted(detail)},
        "object": sorted(detail["object"]),
    }


# ── Step Functions ───────────────────────────────────────────────────────────────────────────────────────────────

ARNS = ("executionArn", "stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn")


def test_an_execution_of_an_alias_belongs_to_the_state_machine(cloud: Cloud) -> None:
    step_functions, machine = cloud.client("stepfunctions"), cloud.outputs["PassMachineArn"]
    version = step_functions.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    created = step_functions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )
    started = []
    for arn in (created["stateMachineAliasArn"], version):
        started.append(step_functions.start_execution(stateMachineArn=arn)["executionArn"])
        wait_for(lambda: step_functions.describe_execution(executionArn=started[-1])["status"] == "SUCCEEDED")
    described = [arns(step_functions.describe_execution(executionArn=execution)) for execution in started]
    listed = step_functions.list_executions(stateMachineArn=machine)["executions"]

    answered = {
        "create": {"stateMachineAliasArn": created["stateMachineAliasArn"]},
        "describe started by alias": described[0],
        "describe started by version": described[1],
        "list": [arns(execution) for execution in listed],
    }
    text = json.dumps(answered)
    for execution, name in zip(started, ("FIRST", "SECOND"), strict=True):
        text = text.replace(execution, f"arn:aws:states:REGION:ACCOUNT:execution:MACHINE:{name}")
    text = text.replace(f"{machine}:live", f"{machine}:ALIAS")
    text = text.replace(machine, "arn:aws:states:REGION:ACCOUNT:stateMachine:MACHINE")
    assert json.loads(text) == recorded("stepfunctions_alias")


def arns(described: dict[str, Any]) -> dict[str, str]:
    return {name: described[name] for name in ARNS if name in described}


def test_a_version_in_use_cannot_be_deleted(cloud: Cloud) -> None:
    step_functions, machine = cloud.client("stepfunctions"), cloud.outputs["MapMachineArn"]
    version = step_functions.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    step_functions.create_state_machine_alias(
        name="used", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )

    with pytest.raises(ClientError) as refused:
        step_functions.delete_state_machine_version(stateMachineVersionArn=version)

    assert {"error": refused.value.response["Error"]["Code"]} == recorded("stepfunctions_version_in_use")


def test_publishing_again_gives_the_same_version(cloud: Cloud) -> None:
    step_functions, machine = cloud.client("stepfunctions"), cloud.outputs["WaitMachineArn"]
    first, again = (
        step_functions.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"] for _ in "12"
    )
    listed = step_functions.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]

    expected = json.dumps(recorded("stepfunctions_version_again"))
    expected = expected.replace("arn:aws:states:REGION:ACCOUNT:stateMachine:MACHINE", machine)
    answered = {"first": first, "again": again, "versions": [entry["stateMachineVersionArn"] for entry in listed]}
    assert answered == json.loads(expected)


def test_the_event_of_a_change_of_status(cloud: Cloud) -> None:
    step_functions, machine = cloud.client("stepfunctions"), cloud.outputs["PassMachineArn"]
    arn = step_functions.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    wanted = "Step Functions Execution Status Change"
    events = [event_of(cloud, wanted, arn, status) for status in ("RUNNING", "SUCCEEDED")]

    assert all(event["detail"]["stateMachineArn"] == machine for event in events)
    assert [
        {
            "detail-type": event["detail-type"],
            "source": event["source"],
            "status": event["detail"]["status"],
            "attributes": sorted(event),
            "detail": sorted(event["detail"]),
            # The recording does not contain the value of stopDate.
            "null": sorted(n for n, value in event["detail"].items() if value is None and n != "stopDate"),
            "redriveCount": event["detail"].get("redriveCount"),
            "redriveStatus": event["detail"].get("redriveStatus"),
        }
        for event in events
    ] == recorded("stepfunctions_status_change")


def test_the_name_of_a_running_execution_starts_no_other(cloud: Cloud) -> None:
    step_functions = cloud.client("stepfunctions")
    named = {"stateMachineArn": cloud.outputs["WaitMachineArn"], "name": "once"}
    first, again = (step_functions.start_execution(**named, input="{}")["executionArn"] for _ in "12")
    try:
        with pytest.raises(ClientError) as refused:
            step_functions.start_execution(**named, input='{"another": true}')
    finally:
        step_functions.stop_execution(executionArn=first)

    answer = refused.value.response
    assert {
        "same execution": first == again,
        "error": answer["Error"]["Code"],
        "status": answer["ResponseMetadata"]["HTTPStatusCode"],
    } == recorded("stepfunctions_same_name")


def test_the_error_of_a_function_is_the_error_of_its_task(cloud: Cloud) -> None:
    expected = recorded("stepfunctions_function_error")
    history = task(cloud, {"fail": expected["error"]})

    failed = history[-1]["executionFailedEventDetails"]
    assert failed["error"] == expected["error"]
    assert json.loads(failed["cause"])["errorType"] == expected["cause"]["errorType"]


def test_the_error_of_a_missing_function(cloud: Cloud) -> None:
    history = task(cloud, {}, function=f"{cloud.outputs['EchoFunctionArn']}-missing")

    assert history[-1]["executionFailedEventDetails"]["error"] == recorded("stepfunctions_no_function")["error"]


def test_the_error_of_a_task_that_times_out(cloud: Cloud) -> None:
    history = task(cloud, {"sleep_s": 3}, machine="HastyMachineArn")

    assert history[-1]["executionFailedEventDetails"]["error"] == recorded("stepfunctions_task_timeout")["error"]


def test_the_result_of_a_task_is_the_whole_answer(cloud: Cloud) -> None:
    result, expected = json.loads(output(task(cloud, {}))), recorded("stepfunctions_jsonata_task")

    # The local cloud omits the version and the HTTP data.
    assert {*expected["result"]} - {*result} == {"ExecutedVersion", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert result["StatusCode"] == expected["StatusCode"]


def test_the_output_of_a_map_in_jsonata(cloud: Cloud) -> None:
    assert json.loads(output(execute(cloud, "MapMachineArn", {}))) == recorded("stepfunctions_jsonata_map")["output"]


@pytest.mark.xfail(strict=True, reason="the history has no TaskStarted, and no events of a Map's iterations")
@pytest.mark.parametrize("name", ["function_error", "jsonata_task", "jsonata_map"])
def test_a_history_has_the_same_events_as_on_aws(cloud: Cloud, name: str) -> None:
    if name == "jsonata_map":
        history = execute(cloud, "MapMachineArn", {})
    else:
        history = task(cloud, {"fail": "Exception"} if name == "function_error" else {})

    assert types(history) == recorded(f"stepfunctions_{name}")["types"]


def output(history: list[dict[str, Any]]) -> str:
    return history[-1]["executionSucceededEventDetails"]["output"]


# ── API Gateway ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_answer_for_a_route_that_does_not_exist(cloud: Cloud) -> None:
    answers = [send(cloud, "GET", "/random-non-existing"), send(cloud, "POST", "/existing")]

    assert [{"content": answer.body, "errorType": answer.headers["x-amzn-ErrorType"]} for answer in answers] == [
        {name: entry[name] for name in ("content", "errorType")} for entry in recorded("apigateway_no_route")
    ]


@pytest.mark.parametrize("entry", recorded("apigateway_path"), ids=lambda entry: entry["sent"][:40])
def test_a_path_arrives_as_it_was_sent(cloud: Cloud, entry: dict[str, Any]) -> None:
    event = send(cloud, "GET", f"/proxied{entry['sent']}").body["event"]

    assert event["path"].removeprefix("/proxied") == entry["path"]
    assert event["requestContext"]["path"].rpartition("/proxied")[2] == entry["requestContext.path"]
    for name in ("pathParameters", "queryStringParameters", "multiValueQueryStringParameters"):
        assert event[name] == entry[name], name


def test_header_names_keep_their_case(cloud: Cloud) -> None:
    headers = {"tEsT-HEADeR": "aValUE", "authorization": "random-value", "User-Agent": "tests"}
    event = send(cloud, "GET", "/proxied/proxy-value", **headers).body["event"]

    # It was recorded at an edge-optimised endpoint, which rewrites this one. A regional one, as here, does not.
    regional = [name.replace("Authorization", "authorization") for name in recorded("apigateway_headers")]
    for received in (event["headers"], event["multiValueHeaders"]):
        names = [name for name in received if name.lower() in {name.lower() for name in headers}]
        assert sorted(names) == sorted(regional)


def test_a_missing_required_parameter_is_named(cloud: Cloud) -> None:
    answers = {
        "required header missing": send(cloud, "GET", "/nested/value?qs1=test"),
        "required query missing": send(cloud, "GET", "/nested/value", x_header_param="test"),
        "body does not fit": send(
            cloud, "POST", "/nested/value?qs1=test", b'{"a": 1}', x_header_param="test", Content_Type="application/json"
        ),
    }

    assert {answer.status for answer in answers.values()} == {400}
    assert {name: answer.body for name, answer in answers.items()} == recorded("apigateway_required_parameters")


def test_only_bytes_of_a_binary_type_reach_s3_unchanged(cloud: Cloud) -> None:
    expected, s3 = recorded("apigateway_binary_to_s3"), cloud.client("s3")
    raw = gzip.compress(b"compressed data, should be invalid UTF-8 string", mtime=1676569620)
    assert hashlib.md5(raw, usedforsecurity=False).hexdigest() == expected["raw has"]["ETag"]
    bodies = {"binary-raw": raw, "text": b"this is a UTF8 text typed object"}

    for title, api, content_type in (
        ("no binary type, image/png", "TextApiId", "image/png"),
        ("image/png is binary, image/png", "ApiId", "image/png"),
        ("image/png is binary, text/plain", "ApiId", "text/plain"),
    ):
        for name, body in bodies.items():
            assert send(cloud, "PUT", f"/objects/{name}", body, api=api, Content_Type=content_type).status == 200
            stored = s3.head_object(Bucket=cloud.outputs["BucketName"], Key=name)
            found = {key: stored[key].strip('"') if key == "ETag" else stored[key] for key in expected[title][name]}
            assert found == expected[title][name], (title, name)


@pytest.mark.xfail(strict=True, raises=ClientError, reason="there is no PutRestApi; CloudFormation has its own import")
def test_an_import_replaces_the_binary_types(cloud: Cloud) -> None:
    apigateway, expected = cloud.client("apigateway"), recorded("apigateway_binary_types_overwritten")
    api = apigateway.create_rest_api(name="binary", binaryMediaTypes=expected["before"])["id"]
    body = {"openapi": "3.0.1", "info": {"title": "binary", "version": "1"}, "paths": {}}
    body["x-amazon-apigateway-binary-media-types"] = expected["after"]

    answer = apigateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(body).encode())

    assert answer["binaryMediaTypes"] == expected["after"]


def test_a_numeric_status_becomes_a_string(cloud: Cloud) -> None:
    apigateway, api = cloud.client("apigateway"), cloud.outputs["ApiId"]
    resources = apigateway.get_resources(restApiId=api, limit=500)["items"]
    (resource,) = (entry["id"] for entry in resources if entry["path"] == "/numeric")

    found = apigateway.get_method(restApiId=api, resourceId=resource, httpMethod="GET")

    responses = found["methodIntegration"]["integrationResponses"]
    # The local cloud does not store a method's own responses.
    assert list(responses) == recorded("apigateway_integer_status")["integrationResponses"]
    assert responses["200"]["statusCode"] == "200"


def test_a_template_can_override_status_and_headers(cloud: Cloud) -> None:
    answer = send(cloud, "GET", "/override")

    assert {"body": answer.body, "status_code": answer.status} == recorded("apigateway_mock_override")
    assert answer.headers["foo"] == "bar"


def test_a_gateway_response_with_a_status_alone(cloud: Cloud) -> None:
    expected, apigateway = recorded("apigateway_gateway_response"), cloud.client("apigateway")
    answer = apigateway.put_gateway_response(
        restApiId=cloud.outputs["TextApiId"], responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404"
    )

    assert {name: answer.get(name) for name in expected} == expected


# ── Lambda ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_message_to_a_failure_destination(cloud: Cloud) -> None:
    functions, sqs, name = cloud.client("lambda"), cloud.client("sqs"), cloud.outputs["EchoFunctionName"]
    url = sqs.create_queue(QueueName=f"failures-{uuid.uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn}})
    order = {"fail": "Exception"}
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(order).encode())

    message, expected = receive(cloud, url), recorded("lambda_failure_destination")

    # The local cloud omits the time, the version and the request id.
    assert {*expected["attributes"]} - {*message} == {"timestamp", "version"}
    assert {*expected["requestContext attributes"]} - {*message["requestContext"]} == {"requestId"}
    assert message["requestPayload"] == order
    for part in ("requestContext", "responseContext"):
        assert {key: message[part][key] for key in expected[part]} == expected[part]
    assert message["responsePayload"]["errorType"] == expected["responsePayload"]["errorType"]


def test_each_recording_has_a_test() -> None:
    source = (REPOSITORY / "local" / "tests" / "test_recordings.py").read_text(encoding="utf-8")
    files = {path.stem for path in (REPOSITORY / "tests" / "recordings").glob("*.json")}
    assert {name for name in files if f'recorded("{name}")' not in source} == set()
