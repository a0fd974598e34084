"""`SimulatePrincipalPolicy` accepts context entries, the values of condition keys.

MiniStack's simulator ignores them, so a right with a condition counts as missing.
<https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from itertools import count
from typing import Any, Callable

from ministack.core import iam_evaluator
from ministack.services import iam

from . import patching

entries: ContextVar[dict[str, Any]] = ContextVar("entries", default={})


def install() -> None:
    """Wraps the call, and the evaluator of identity policies."""
    patching.check(iam, "_simulate_principal_policy", "p")
    patching.check(iam, "_p", "params, key, default")
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = _with_entries(iam._IAM_HANDLERS["SimulatePrincipalPolicy"])
    patching.replace(iam_evaluator, "evaluate", "ctx, policies, *limits", _with_context)


def _with_entries(simulate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def simulate_with_entries(p: Any) -> Any:
        token = entries.set(_entries(p))
        try:
            return simulate(p)
        finally:
            entries.reset(token)

    return simulate_with_entries


def _with_context(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate_with_context(ctx: Any, policies: Any, *limits: Any) -> Any:
        if given := entries.get():
            ctx = replace(ctx, service_context={**ctx.service_context, **given})
        return evaluate(ctx, policies, *limits)

    return evaluate_with_context


def _entries(p: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in _members(p, "ContextEntries.member.{}.ContextKeyName"):
        name = iam._p(p, f"ContextEntries.member.{entry}.ContextKeyName").lower()
        kind = iam._p(p, f"ContextEntries.member.{entry}.ContextKeyType")
        template = f"ContextEntries.member.{entry}.ContextKeyValues.member." + "{}"
        values = [iam._p(p, template.format(value)) for value in _members(p, template)]
        found[name] = values if kind.endswith("List") else values[0]
    return found


def _members(p: Any, template: str) -> Iterator[int]:
    for number in count(1):
        if not iam._p(p, template.format(number)):
            return
        yield number
