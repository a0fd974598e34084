"""Decides whether one service of AWS may call another: as a resource's role, or by the policy of the called resource.

MiniStack evaluates policies for signed requests, but its services call each other unsigned and unchecked. Other modules
call this one before such a call. A role must trust the service, its policies and its permissions boundary must allow
the call, and no policy may deny it.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html>
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from . import patching

# The functions of MiniStack that this module calls, with their parameters.
CALLED = {
    "_gather_role_policies": "role_name, account_id",
    "_permissions_boundary": "store, name, account_id",
    "_resource_policy": "service, resource_arn",
    "combine_resource_policy": "identity, ctx, policy, owner_account, required, limits",
    "evaluate_resource_policy": "doc, ctx, service, named_only, direct_only",
}


def install() -> None:
    """Checks the functions that this module calls."""
    for name, signature in CALLED.items():
        patching.check(iam_evaluator, name, signature)


def refused_to_role(
    role_arn: str | None, service: str, action: str, resource: str, source_arn: str = "", session: str = "service"
) -> str | None:
    """AWS's message if a service that assumes the role may not call the resource; None if it may.

    `source_arn` is the resource for which the service acts, such as a rule or a pipe.
    """
    if untrusted := not_assumable(role_arn, service, source_arn):
        return untrusted
    name, account = str(role_arn).rsplit("/", 1)[-1], get_account_id()
    principal = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    context = _context(principal, "AssumedRole", action, resource)
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *boundary)
    if found := iam_evaluator._resource_policy(action.partition(":")[0], resource):
        result = iam_evaluator.combine_resource_policy(result, context, *found, limits=boundary)
    if result.decision == "Allow":
        return None
    because = "with an explicit deny" if result.decision == "Deny" else f"because no policy allows the {action} action"
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {because}"


def not_assumable(role_arn: str | None, service: str, source_arn: str = "") -> str | None:
    """The reason if a service cannot assume the role; None if it can."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1]) if role_arn else None
    if role is None:
        return f"there is no role {role_arn} for {service} to assume"
    if not _allowed_to_service(role["AssumeRolePolicyDocument"], service, "sts:AssumeRole", role["Arn"], source_arn):
        return f"{service} is not authorized to assume the role {role_arn}"
    return None


def refused_to_service(service: str, action: str, resource: str, source_arn: str) -> str | None:
    """The reason if the resource's policy does not allow the call to the service itself; None if it does."""
    policy, _ = iam_evaluator._resource_policy(action.partition(":")[0], resource) or ("", "")
    if _allowed_to_service(policy, service, action, resource, source_arn):
        return None
    return f"the policy of {resource} does not allow {action} to {service} for {source_arn}"


def _allowed_to_service(policy: Any, service: str, action: str, resource: str, source_arn: str) -> bool:
    context = _context(service, "Service", action, resource)
    context.service_context.update({"aws:sourceaccount": get_account_id(), "aws:sourcearn": source_arn or None})
    return iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow"


def _context(principal: str, kind: str, action: str, resource: str) -> iam_evaluator.EvalContext:
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        # Services of AWS call each other over TLS.
        secure_transport=True,
    )
