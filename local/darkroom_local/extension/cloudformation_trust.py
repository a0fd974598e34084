"""CloudFormation creates a function or a state machine only with a role that its service may assume.

MiniStack's CloudFormation accepts any role.
<https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
<https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html>
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ministack.services.cloudformation import provisioners

from . import patching, service_rights

# The property that names the role, and the service that assumes it.
ASSUMED_ROLES = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
}


def install() -> None:
    """Checks the role before a resource is created or updated."""
    for resource_type, (name, service) in ASSUMED_ROLES.items():
        patching.around_resource(provisioners, resource_type, before=partial(_refuse, name, service))


def _refuse(name: str, service: str, properties: dict[str, Any]) -> None:
    if untrusted := service_rights.not_assumable(properties.get(name), service):
        raise ValueError(untrusted)
