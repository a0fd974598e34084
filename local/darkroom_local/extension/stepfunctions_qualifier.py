"""A call on a version or an alias is authorised by the ARN of its state machine.

A policy cannot match the qualified ARN. The qualifier is in the condition key `states:StateMachineQualifier`.
<https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html>
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

from ministack.core import iam_evaluator

from . import patching

# arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME:QUALIFIER
FIELDS_OF_A_STATE_MACHINE = 7


def install() -> None:
    """Wraps the evaluation of identity policies."""
    patching.replace(iam_evaluator, "evaluate", "ctx, policies, *limits", _by_the_state_machine)


def _by_the_state_machine(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate_unqualified(ctx: Any, policies: Any, *limits: Any) -> Any:
        fields = ctx.resource_arn.split(":")
        if fields[5:6] == ["stateMachine"] and len(fields) > FIELDS_OF_A_STATE_MACHINE:
            ctx = replace(
                ctx,
                resource_arn=":".join(fields[:FIELDS_OF_A_STATE_MACHINE]),
                service_context={
                    **ctx.service_context,
                    "states:statemachinequalifier": fields[FIELDS_OF_A_STATE_MACHINE:],
                },
            )
        return evaluate(ctx, policies, *limits)

    return evaluate_unqualified
