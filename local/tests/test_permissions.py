"""A function may do only what its role's policies allow."""

from __future__ import annotations

import json
from typing import Any, Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from clouds import Cloud
from rights import allow, user

Client = Callable[[str], Any]


@pytest.fixture
def environment(deployed: Cloud) -> dict[str, str]:
    """The function's environment variables that concern AWS."""
    answer = deployed.client("lambda").invoke(FunctionName=deployed.outputs["EchoFunctionName"], Payload=b"{}")
    return json.load(answer["Payload"])["environment"]


@pytest.fixture
def as_function(environment: dict[str, str]) -> Client:
    """Clients with the function's credentials."""
    return lambda service: boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )


def test_a_function_calls_this_cloud(deployed: Cloud, environment: dict[str, str]) -> None:
    assert environment["AWS_ENDPOINT_URL"] == deployed.instance.endpoint


def test_an_allowed_call_succeeds(deployed: Cloud, as_function: Client) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "readable/a"}
    deployed.client("s3").put_object(**place, Body=b"picture")

    assert as_function("s3").get_object(**place)["Body"].read() == b"picture"


def test_a_call_that_no_policy_allows_is_denied(deployed: Cloud, as_function: Client) -> None:
    bucket = deployed.outputs["SourceBucketName"]
    deployed.client("s3").put_object(Bucket=bucket, Key="hidden/a", Body=b"picture")
    table = deployed.outputs["TableName"]
    attempts = (
        lambda: as_function("s3").get_object(Bucket=bucket, Key="hidden/a"),
        lambda: as_function("s3").put_object(Bucket=bucket, Key="readable/b", Body=b""),
        lambda: as_function("dynamodb").get_item(TableName=table, Key={"key": {"S": "a"}}),
        lambda: as_function("events").put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}]),
    )

    for attempt in attempts:
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()


def test_a_refusal_has_the_error_code_of_its_service(deployed: Cloud, as_function: Client) -> None:
    bucket, table = deployed.outputs["SourceBucketName"], deployed.outputs["TableName"]
    deployed.client("s3").put_object(Bucket=bucket, Key="hidden/b", Body=b"picture")
    s3, machine = as_function("s3"), deployed.outputs["MachineArn"]
    attempts = {
        "get": lambda: s3.get_object(Bucket=bucket, Key="hidden/b"),
        "head": lambda: s3.head_object(Bucket=bucket, Key="hidden/b"),
        "delete": lambda: s3.delete_object(Bucket=bucket, Key="hidden/b"),
        "list": lambda: s3.list_objects_v2(Bucket=bucket),
        "tag": lambda: s3.put_object_tagging(Bucket=bucket, Key="hidden/b", Tagging={"TagSet": []}),
        "record": lambda: as_function("dynamodb").update_item(TableName=table, Key={"key": {"S": "a"}}),
        "event": lambda: as_function("events").put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}]),
        "execution": lambda: as_function("stepfunctions").start_execution(stateMachineArn=machine),
    }

    found = {name: code(attempt) for name, attempt in attempts.items()}

    # The answer to HEAD has no body, so the SDK uses the status as the code.
    of_s3 = dict.fromkeys(("get", "delete", "list", "tag"), "AccessDenied") | {"head": "403"}
    assert found == of_s3 | dict.fromkeys(("record", "event", "execution"), "AccessDeniedException")


def test_cloudformation_gives_a_role_its_boundary(deployed: Cloud) -> None:
    cloudformation = deployed.client("cloudformation")
    service = {"Service": "events.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}]}
    bounds = {"Statement": [allow("states:StartExecution", "*")]}
    resources = {
        "Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": bounds}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": trust, "PermissionsBoundary": {"Ref": "Boundary"}},
        },
    }
    template = {"Resources": resources, "Outputs": {it: {"Value": {"Ref": it}} for it in ("Boundary", "Role")}}
    cloudformation.create_stack(
        StackName="bounded", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="bounded", WaiterConfig={"Delay": 1})

    (stack,) = cloudformation.describe_stacks(StackName="bounded")["Stacks"]
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
    role = deployed.client("iam").get_role(RoleName=outputs["Role"])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == outputs["Boundary"]


def test_only_calls_of_functions_are_recorded_as_used_permissions(
    deployed: Cloud, as_function: Client
) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "readable/noted"}
    deployed.client("s3").put_object(**place, Body=b"picture")
    as_function("s3").get_object(**place)

    notes = [json.loads(line) for line in deployed.instance.permissions_file.read_text().splitlines()]
    of_place = [note for note in notes if note["resource"].endswith("/readable/noted")]
    assert [note["action"] for note in of_place] == ["s3:GetObject"]
    assert "EchoFunction" in of_place[0]["role"]


def test_starting_an_alias_is_authorised_by_the_arn_of_its_state_machine(deployed: Cloud) -> None:
    states, machine = deployed.client("stepfunctions"), deployed.outputs["MachineArn"]
    version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=route)["stateMachineAliasArn"]
    qualifier = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}}

    started = user_who_may_start(deployed, machine, qualifier).start_execution(stateMachineArn=alias, input="{}")

    assert started["executionArn"]
    for resource, condition, called in ((alias, {}, alias), (machine, qualifier, machine), (machine, qualifier, version)):
        with pytest.raises(ClientError, match="AccessDenied"):
            user_who_may_start(deployed, resource, condition).start_execution(stateMachineArn=called, input="{}")


def code(attempt: Callable[[], Any]) -> str:
    """The error code of a refused call."""
    with pytest.raises(ClientError) as refused:
        attempt()
    return refused.value.response["Error"]["Code"]


def user_who_may_start(deployed: Cloud, resource: str, condition: dict[str, Any]) -> Any:
    """A client of a user who may start executions under a condition."""
    return user(deployed, "stepfunctions", allow("states:StartExecution", resource, Condition=condition))
