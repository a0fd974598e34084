"""CloudFormation gives a role its permissions boundary.

MiniStack enforces a boundary, but its CloudFormation ignores the property.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
"""

from __future__ import annotations

from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners

from . import patching


def install() -> None:
    """Extends the creation and the update of roles."""
    patching.around_resource(provisioners, "AWS::IAM::Role", after=_bound)


def _bound(name: str, properties: dict[str, Any]) -> None:
    iam._roles[name]["PermissionsBoundary"] = properties.get("PermissionsBoundary")
