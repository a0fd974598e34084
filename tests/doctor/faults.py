"""Faults of a deployed stack. Each is a context manager that causes a fault and repairs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from darkroom_local.clients import client_at
from doctor_runs import Outputs


@dataclass(frozen=True)
class Stack:
    """The stack that a fault is caused in."""

    outputs: Outputs

    def client(self, service: str) -> Any:
        return client_at(self.outputs, service)

    def physical(self, logical_id: str) -> str:
        """The physical name of a resource."""
        detail = self.client("cloudformation").describe_stack_resource(
            StackName=self.outputs["StackName"], LogicalResourceId=logical_id
        )
        return detail["StackResourceDetail"]["PhysicalResourceId"]


Fault = Callable[[Stack], Iterator[None]]


@contextmanager
def rule_disabled(stack: Stack) -> Iterator[None]:
    events, name = stack.client("events"), stack.physical("UploadArrived")
    events.disable_rule(Name=name)
    yield
    events.enable_rule(Name=name)


@contextmanager
def role_without_a_right(stack: Stack) -> Iterator[None]:
    iam, role = stack.client("iam"), stack.physical("ValidateFunctionRole")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    kept = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    for name in names:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    yield
    for name, document in kept.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@contextmanager
def notification_switched_off(stack: Stack) -> Iterator[None]:
    s3, bucket = stack.client("s3"), stack.outputs["SourceBucketName"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    on = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=on)


@contextmanager
def wrong_alias(stack: Stack) -> Iterator[None]:
    events, name = stack.client("events"), stack.physical("UploadArrived")
    [target] = events.list_targets_by_rule(Rule=name)["Targets"]
    events.put_targets(Rule=name, Targets=[{**target, "Arn": stack.outputs["StateMachineArn"] + ":yesterday"}])
    yield
    events.put_targets(Rule=name, Targets=[target])


@contextmanager
def api_without_auth(stack: Stack) -> Iterator[None]:
    api, name = stack.client("apigateway"), stack.outputs["ApiId"]
    [images] = [it for it in api.get_resources(restApiId=name)["items"] if it["path"] == "/images"]
    method = {"restApiId": name, "resourceId": images["id"], "httpMethod": "GET"}
    operation = {"op": "replace", "path": "/apiKeyRequired"}
    # The local cloud stores the text, and "false" would count as true.
    api.update_method(**method, patchOperations=[{**operation, "value": ""}])
    deploy(api, stack)
    yield
    api.update_method(**method, patchOperations=[{**operation, "value": "true"}])
    deploy(api, stack)


def deploy(api: Any, stack: Stack) -> None:
    api.create_deployment(restApiId=stack.outputs["ApiId"], stageName=stack.outputs["ApiStage"])


@contextmanager
def bucket_policy_that_denies(stack: Stack) -> Iterator[None]:
    bucket = stack.outputs["SourceBucketName"]
    deny = {
        "Sid": "NobodyReads",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    with policy(stack, bucket, lambda statements: [*statements, deny]):
        yield


@contextmanager
def cdn_without_access(stack: Stack) -> Iterator[None]:
    def without(statements: list[Any]) -> list[Any]:
        return [it for it in statements if it.get("Sid") != "LetTheDistributionRead"]

    with policy(stack, stack.outputs["DestinationBucketName"], without):
        yield


@contextmanager
def policy(stack: Stack, bucket: str, change: Callable[[list[Any]], list[Any]]) -> Iterator[None]:
    """Changes the statements of a bucket's policy."""
    s3 = stack.client("s3")
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    document = json.loads(before)
    changed = {**document, "Statement": change(document["Statement"])}
    assert changed != document
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(changed))
    yield
    s3.put_bucket_policy(Bucket=bucket, Policy=before)


@contextmanager
def function_that_fails(stack: Stack) -> Iterator[None]:
    functions, name = stack.client("lambda"), stack.outputs["ValidateFunctionName"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    # The function fails at its start, because its configuration is incomplete.
    broken = {key: value for key, value in before.items() if key != "RECORD_TABLE"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@contextmanager
def table_gone(stack: Stack) -> Iterator[None]:
    tables, name = stack.client("dynamodb"), stack.outputs["RecordTableName"]
    before = tables.describe_table(TableName=name)["Table"]
    tables.delete_table(TableName=name)
    yield
    index = ("IndexName", "KeySchema", "Projection")
    tables.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=before["AttributeDefinitions"],
        KeySchema=before["KeySchema"],
        GlobalSecondaryIndexes=[{part: it[part] for part in index} for it in before["GlobalSecondaryIndexes"]],
    )


# Each fault with the check that detects it, and a part of the reported cause.
FAULTS: list[tuple[Any, str, str]] = [
    (notification_switched_off, "buckets and their events", "sends no events to EventBridge"),
    (bucket_policy_that_denies, "bucket policies", "denies s3:GetObject to everyone (statement NobodyReads)"),
    (table_gone, "record table", "does not exist"),
    (rule_disabled, "rules and their targets", "is disabled"),
    (wrong_alias, "rules and their targets", ":yesterday instead of"),
    (role_without_a_right, "permissions of the roles", "lacks s3:GetObject, s3:GetObjectVersion on"),
    (api_without_auth, "API: closed without credentials", "GET /images answers 200 to a caller without credentials"),
    (cdn_without_access, "CDN: settings", "does not let the distribution"),
    (function_that_fails, "upload to S3", "the state 'Validate Upload' failed"),
]
