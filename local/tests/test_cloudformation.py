"""What the extension adds to CloudFormation: a table's time to live."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud


def test_a_deployed_table_has_its_time_to_live(deployed: Cloud) -> None:
    assert time_to_live(deployed, deployed.outputs["TableName"]) == ("expires_at", "ENABLED")


def test_an_update_turns_the_time_to_live_off(deployed: Cloud) -> None:
    cloudformation = deployed.client("cloudformation")
    cloudformation.create_stack(StackName="ttl", TemplateBody=template({"AttributeName": "at", "Enabled": True}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="ttl", WaiterConfig={"Delay": 1})
    assert time_to_live(deployed, "ttl-table") == ("at", "ENABLED")

    cloudformation.update_stack(StackName="ttl", TemplateBody=template({"AttributeName": "at", "Enabled": "false"}))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="ttl", WaiterConfig={"Delay": 1})

    assert time_to_live(deployed, "ttl-table") == ("at", "DISABLED")


def test_a_table_without_one_has_none(deployed: Cloud) -> None:
    cloudformation = deployed.client("cloudformation")
    cloudformation.create_stack(StackName="no-ttl", TemplateBody=template(None, name="no-ttl-table"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="no-ttl", WaiterConfig={"Delay": 1})

    assert time_to_live(deployed, "no-ttl-table") == (None, "DISABLED")


def template(specification: dict[str, Any] | None, name: str = "ttl-table") -> str:
    table = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
        **({"TimeToLiveSpecification": specification} if specification else {}),
    }
    return json.dumps({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": table}}})


def time_to_live(cloud: Cloud, table: str) -> tuple[str | None, str]:
    description = cloud.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return description.get("AttributeName"), description["TimeToLiveStatus"]
