"""The root user has one access key, new at each start, and its signature is checked.

MiniStack treats the key `test`, every key of twelve digits, and a request without a key as the root user, and does not
check their signatures. Here such a request is refused, except where AWS accepts requests without credentials. No bucket
is public, whatever its policy says: AWS also blocks public access by default.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
"""

from __future__ import annotations

import os
from typing import Any, Callable

from ministack.core import iam_evaluator

from . import patching

# For these, the method or the function decides whether it needs credentials.
ANONYMOUS_ACTIONS = ("execute-api:Invoke", "lambda:InvokeFunctionUrl")


def install() -> None:
    """Replaces the decision who is root, and whose signature is checked."""
    patching.check(iam_evaluator, "_served_unsigned", "service, iam_action")
    patching.replace(iam_evaluator, "is_root_access_key", "access_key_id", lambda _: _is_root)
    # MiniStack calls this to decide whether to skip the check of a signature.
    patching.replace(iam_evaluator, "_is_root_key", "access_key_id", lambda _: lambda access_key_id: False)
    patching.replace(iam_evaluator, "resolve_caller_identity", "access_key_id", _knowing_root)
    patching.replace(
        iam_evaluator,
        "enforce",
        "access_key_id, iam_action, service, region, resource_arn, service_context",
        _knowing_the_anonymous,
    )


def _is_root(access_key_id: str) -> bool:
    return access_key_id == os.environ["AWS_ACCESS_KEY_ID"]


def _knowing_root(resolve: Callable[[str], Any]) -> Callable[[str], Any]:
    def resolve_caller_identity(access_key_id: str) -> Any:
        if not _is_root(access_key_id):
            return resolve(access_key_id)
        root = iam_evaluator.resolve_credential(access_key_id)
        return {
            "accessKey": access_key_id,
            "accountId": root.account_id,
            "userArn": root.principal_arn,
            "userId": root.principal_id,
            "principalOrgId": iam_evaluator._principal_org_id(root.account_id),
            "session": None,
        }

    return resolve_caller_identity


def _knowing_the_anonymous(enforce: Callable[..., Any]) -> Callable[..., Any]:
    def enforce_on_all(access_key_id: str, iam_action: str, service: str, *rest: Any, **more: Any) -> Any:
        if access_key_id or not iam_evaluator._anonymous.get():
            return enforce(access_key_id, iam_action, service, *rest, **more)
        if service == "s3":
            return iam_evaluator.AuthError("AccessDenied", "Access Denied")
        if iam_action in ANONYMOUS_ACTIONS or iam_evaluator._served_unsigned(service, iam_action):
            return None
        return enforce(access_key_id, iam_action, service, *rest, **more)

    return enforce_on_all
