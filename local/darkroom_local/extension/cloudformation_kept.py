"""CloudFormation takes what only AWS can act on: it keeps these resources, gives them an id, and nothing else happens.

Keys for signed URLs, because no CDN serves here; saved queries, because nothing queries logs; CodeDeploy's
applications, because an alias moves at once. What they refer to must exist all the same.
"""

from __future__ import annotations

import uuid
from typing import Any, Callable

from ministack.services.cloudformation import provisioners

from . import patching

KEPT = {
    # Resource type, and what `!GetAtt` knows of it beside `!Ref`.
    "AWS::CloudFront::PublicKey": ("Id",),
    "AWS::CloudFront::KeyGroup": ("Id",),
    "AWS::CodeDeploy::Application": (),
    "AWS::CodeDeploy::DeploymentGroup": (),
    "AWS::Logs::QueryDefinition": ("QueryDefinitionId",),
}


def install() -> None:
    """Adds the resource types."""
    for resource_type, attributes in KEPT.items():
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
    """Nothing was made."""
