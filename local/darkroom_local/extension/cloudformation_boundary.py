"""CloudFormation gives a role its permissions boundary.

MiniStack enforces a boundary, its CloudFormation ignores the property.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.services import iam
from ministack.services.cloudformation import provisioners

from . import patching

ROLE = "AWS::IAM::Role"
ACTIONS = {
    "create": "logical_id, props, stack_name",
    "update": "physical_id, old_props, new_props, stack_name, logical_id",
}


def install() -> None:
    """Wraps the creation and the update of roles."""
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(ROLE, {})
    for action, signature in ACTIONS.items():
        patching.check_function(handlers.get(action), f"{action} of {ROLE}", signature)
    handlers["create"] = _create_bounded(handlers["create"])
    handlers["update"] = _update_bounded(handlers["update"])


def _create_bounded(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_role(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        name, attributes = create(logical_id, props, stack_name)
        _bound(name, props)
        return name, attributes

    return create_role


def _update_bounded(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_role(physical_id: str, old_props: Any, new_props: Any, stack_name: str, logical_id: Any = None) -> Any:
        name, attributes = update(physical_id, old_props, new_props, stack_name, logical_id)
        _bound(name, new_props)
        return name, attributes

    return update_role


def _bound(name: str, properties: dict[str, Any]) -> None:
    iam._roles[name]["PermissionsBoundary"] = properties.get("PermissionsBoundary")
