"""CloudFormation accepts resources that have no effect here: it gives them an id, and does nothing else.

They are keys for signed URLs, because there is no CDN; saved queries, because nothing queries logs; and CodeDeploy's
applications, because an alias moves at once. The resources that they refer to must exist.
"""

from __future__ import annotations

import uuid
from typing import Any, Callable

from ministack.services.cloudformation import provisioners

from . import patching

INERT = {
    # Resource type, and its attributes for `!GetAtt`.
    "AWS::CloudFront::PublicKey": ("Id",),
    "AWS::CloudFront::KeyGroup": ("Id",),
    "AWS::CodeDeploy::Application": (),
    "AWS::CodeDeploy::DeploymentGroup": (),
    "AWS::Logs::QueryDefinition": ("QueryDefinitionId",),
}


def install() -> None:
    """Adds the resource types."""
    for resource_type, attributes in INERT.items():
        handlers = {"create": _create(attributes), "update": _update(attributes), "delete": _delete}
        patching.add_resource_type(provisioners, resource_type, handlers)


def _create(attributes: tuple[str, ...]) -> Callable[..., tuple[str, dict[str, str]]]:
    def create(logical_id: str, props: Any, stack_name: str) -> tuple[str, dict[str, str]]:
        physical_id = f"{logical_id}-{uuid.uuid4().hex[:8]}"
        return physical_id, dict.fromkeys(attributes, physical_id)

    return create


def _update(attributes: tuple[str, ...]) -> Callable[..., tuple[str, dict[str, str]]]:
    def update(physical_id: str, old_props: Any, new_props: Any, stack_name: str) -> tuple[str, dict[str, str]]:
        return physical_id, dict.fromkeys(attributes, physical_id)

    return update


def _delete(physical_id: str, props: Any) -> None:
    """Does nothing, because nothing was created."""
