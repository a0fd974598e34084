"""A function may do what its role's policies say, and nothing else."""

from __future__ import annotations

import json
import uuid
from typing import Any, Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from clouds import Cloud

Client = Callable[[str], Any]


@pytest.fixture
def environment(deployed: Cloud) -> dict[str, str]:
    """What the function sees of AWS."""
    answer = deployed.client("lambda").invoke(FunctionName=deployed.outputs["EchoFunctionName"], Payload=b"{}")
    return json.load(answer["Payload"])["environment"]


@pytest.fixture
def as_function(environment: dict[str, str]) -> Client:
    """Clients with the function's own credentials."""
    return lambda service: boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )


def test_a_function_speaks_to_this_cloud(deployed: Cloud, environment: dict[str, str]) -> None:
    assert environment["AWS_ENDPOINT_URL"] == deployed.instance.endpoint


def test_what_a_policy_allows_works(deployed: Cloud, as_function: Client) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "readable/a"}
    deployed.client("s3").put_object(**place, Body=b"picture")

    assert as_function("s3").get_object(**place)["Body"].read() == b"picture"


def test_what_no_policy_allows_is_denied(deployed: Cloud, as_function: Client) -> None:
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


def test_what_a_function_uses_of_its_rights_is_noted_and_what_others_do_is_not(
    deployed: Cloud, as_function: Client
) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "readable/noted"}
    deployed.client("s3").put_object(**place, Body=b"picture")
    as_function("s3").get_object(**place)

    notes = [json.loads(line) for line in deployed.instance.permissions_file.read_text().splitlines()]
    of_place = [note for note in notes if note["resource"].endswith("/readable/noted")]
    assert [note["action"] for note in of_place] == ["s3:GetObject"]
    assert "EchoFunction" in of_place[0]["role"]


def test_an_alias_is_started_by_the_arn_of_its_state_machine(deployed: Cloud) -> None:
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


def user_who_may_start(deployed: Cloud, resource: str, condition: dict[str, Any]) -> Any:
    """A client with the credentials of an IAM user who may do that alone."""
    iam, name = deployed.client("iam"), f"user-{uuid.uuid4()}"
    allowed = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": resource, "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="Tested", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "stepfunctions",
        endpoint_url=deployed.instance.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
