"""A function and a state machine need a role that their service may assume, or CloudFormation can't make them.

MiniStack's CloudFormation takes any role.
<https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
<https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html>
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ministack.services.cloudformation import provisioners

from . import patching, service_rights

# The property that names the role, and who assumes it.
ASSUMED = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
}


def install() -> None:
    """Looks at the role before a resource is created or updated."""
    for resource_type, (name, service) in ASSUMED.items():
        patching.around_resource(provisioners, resource_type, before=partial(_refuse, name, service))


def _refuse(name: str, service: str, properties: dict[str, Any]) -> None:
    if untrusted := service_rights.not_assumable(properties.get(name), service):
        raise ValueError(untrusted)
