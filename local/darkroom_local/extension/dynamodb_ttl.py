"""CloudFormation applies `TimeToLiveSpecification` to a DynamoDB table, at creation and on update.

MiniStack's table does it (items expire), its CloudFormation ignores the property.
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-timetolivespecification.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from . import patching

TABLE = "AWS::DynamoDB::Table"
ACTIONS = {
    "create": "logical_id, props, stack_name",
    "update": "physical_id, old_props, new_props, stack_name, logical_id",
}


def install() -> None:
    """Wraps CloudFormation's creation and update of tables."""
    patching.check(dynamodb, "_update_ttl", "data")
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(TABLE, {})
    for action, signature in ACTIONS.items():
        patching.check_function(handlers.get(action), f"{action} of {TABLE}", signature)
    handlers["create"] = _create_with_ttl(handlers["create"])
    handlers["update"] = _update_with_ttl(handlers["update"])


def apply(table_name: str, properties: dict[str, Any]) -> None:
    """Sets the table's TTL as the resource's properties say; without any, leaves it alone."""
    wanted = properties.get("TimeToLiveSpecification")
    if not wanted:
        return
    specification = {"AttributeName": wanted["AttributeName"], "Enabled": str(wanted["Enabled"]).lower() == "true"}
    status, _, body = dynamodb._update_ttl({"TableName": table_name, "TimeToLiveSpecification": specification})
    if status != 200:
        raise ValueError(f"TimeToLiveSpecification of {table_name}: {body!r}")


def _create_with_ttl(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_table(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        physical_id, attributes = create(logical_id, props, stack_name)
        apply(physical_id, props)
        return physical_id, attributes

    return create_table


def _update_with_ttl(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_table(physical_id: str, old_props: Any, new_props: Any, stack_name: str, logical_id: Any = None) -> Any:
        result = update(physical_id, old_props, new_props, stack_name, logical_id)
        apply(physical_id, new_props)
        return result

    return update_table
