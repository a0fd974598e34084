"""CloudFormation publishes versions of a state machine, and moves an alias to them.

MiniStack supports versions and aliases, but its CloudFormation does not. A gradual deployment moves the alias at once:
its interval, percentage and alarms are ignored.
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html>
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachinealias.html>
"""

from __future__ import annotations

import json
from typing import Any, Callable

from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from . import patching

VERSION = "AWS::StepFunctions::StateMachineVersion"
ALIAS = "AWS::StepFunctions::StateMachineAlias"


def install() -> None:
    """Adds the two resource types."""
    for action in ("publish_state_machine_version", "delete_state_machine_version"):
        patching.check(stepfunctions, f"_{action}", "data")
    for action in ("create_state_machine_alias", "update_state_machine_alias", "delete_state_machine_alias"):
        patching.check(stepfunctions, f"_{action}", "data")
    # There is no update: another revision creates another version, and the template's policies apply to the old one.
    patching.add_resource_type(provisioners, VERSION, {"create": _publish, "delete": _delete_version})
    patching.add_resource_type(provisioners, ALIAS, {"create": _create, "update": _update, "delete": _delete})


def _publish(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    wanted = {"stateMachineArn": props["StateMachineArn"], "description": props.get("Description", "")}
    arn = _call(stepfunctions._publish_state_machine_version, wanted)["stateMachineVersionArn"]
    return arn, {"Arn": arn}


def _delete_version(physical_id: str, props: dict[str, Any]) -> None:
    _call(stepfunctions._delete_state_machine_version, {"stateMachineVersionArn": physical_id})


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    wanted = {"name": props.get("Name") or logical_id, "routingConfiguration": _routing(props)}
    arn = _call(stepfunctions._create_state_machine_alias, wanted)["stateMachineAliasArn"]
    return arn, {"Arn": arn}


def _update(physical_id: str, old_props: Any, new_props: Any, stack_name: str) -> tuple[str, dict[str, Any]]:
    # Another name is another alias. The engine deletes the old alias when the update is complete.
    if old_props.get("Name") != new_props.get("Name"):
        return _create(physical_id, new_props, stack_name)
    wanted = {"stateMachineAliasArn": physical_id, "routingConfiguration": _routing(new_props)}
    _call(stepfunctions._update_state_machine_alias, wanted)
    return physical_id, {"Arn": physical_id}


def _delete(physical_id: str, props: dict[str, Any]) -> None:
    _call(stepfunctions._delete_state_machine_alias, {"stateMachineAliasArn": physical_id})


def _routing(props: dict[str, Any]) -> list[dict[str, Any]]:
    gradual = props.get("DeploymentPreference")
    if gradual:
        return [{"stateMachineVersionArn": gradual["StateMachineVersionArn"], "weight": 100}]
    return [
        {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
        for route in props["RoutingConfiguration"]
    ]


def _call(action: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> dict[str, Any]:
    status, _, body = action(request)
    if status != 200:
        raise ValueError(f"{action.__name__.lstrip('_')}: {body!r}")
    return json.loads(body)
