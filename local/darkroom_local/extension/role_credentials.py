"""The credentials of a function's role are random.

MiniStack computes them as digests of the function's and the role's ARN, so that anybody could compute them.
<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
"""

from __future__ import annotations

import secrets
from typing import Any, Callable

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, sts

from . import patching

Credentials = dict[str, str]


def install() -> None:
    """Replaces the credentials in both modules that pass them to a function."""
    patching.check(sts, "register_session", "access_key, session")
    patching.check(lambda_svc, "execution_credentials", "config")
    patching.replace(lambda_runtime, "execution_credentials", "config", lambda _: _random())
    lambda_svc.execution_credentials = lambda_runtime.execution_credentials


def _random() -> Callable[[dict[str, Any]], Credentials]:
    # By function and role. All processes of a function share a session, so that each call can be attributed.
    given: dict[tuple[str, str], Credentials] = {}

    def execution_credentials(config: dict[str, Any]) -> Credentials:
        function, role = config["FunctionArn"], config.get("Role", "")
        credentials = given.setdefault((function, role), _new())
        account, _ = lambda_runtime._account_region_from_function_config(config)
        role_name, session = role.rsplit("/", 1)[-1], config.get("FunctionName", "function")[:64]
        sts.register_session(credentials["AWS_ACCESS_KEY_ID"], {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session}",
            "UserId": f"{role_name}:{session}",
            "SecretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": credentials["AWS_SESSION_TOKEN"],
        })  # fmt: skip
        return credentials

    return execution_credentials


def _new() -> Credentials:
    return {
        "AWS_ACCESS_KEY_ID": f"ASIA{secrets.token_hex(8).upper()}",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "AWS_SESSION_TOKEN": secrets.token_urlsafe(48),
    }
