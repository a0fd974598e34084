"""CloudFormation applies `TimeToLiveSpecification` to a DynamoDB table, at creation and on update.

MiniStack's tables expire items, but its CloudFormation ignores the property.
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-timetolivespecification.html>
"""

from __future__ import annotations

from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from . import patching


def install() -> None:
    """Extends CloudFormation's creation and update of tables."""
    patching.check(dynamodb, "_update_ttl", "data")
    patching.around_resource(provisioners, "AWS::DynamoDB::Table", after=apply)


def apply(table_name: str, properties: dict[str, Any]) -> None:
    """Sets the table's TTL from the resource's properties; does nothing if they have none."""
    wanted = properties.get("TimeToLiveSpecification")
    if not wanted:
        return
    specification = {"AttributeName": wanted["AttributeName"], "Enabled": str(wanted["Enabled"]).lower() == "true"}
    status, _, body = dynamodb._update_ttl({"TableName": table_name, "TimeToLiveSpecification": specification})
    if status != 200:
        raise ValueError(f"TimeToLiveSpecification of {table_name}: {body!r}")
