"""Notes which permissions of roles are used: one JSON line for each role, action and resource, the first time.

Policies are enforced here, so what a function calls it may call. What nobody ever calls is what this file lacks.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable

from ministack.core import iam_evaluator

from .. import processes
from ..layout import Instance
from . import patching


def install() -> None:
    """Replaces the evaluator of identity policies."""
    folder = os.environ.get(processes.MARK)
    if not folder:
        return
    file = Instance(Path(folder), 0).permissions_file
    file.unlink(missing_ok=True)
    patching.replace(iam_evaluator, "evaluate", "ctx, policies, *limits", lambda evaluate: _noting(evaluate, file))


def _noting(evaluate: Callable[..., Any], file: Path) -> Callable[..., Any]:
    noted: set[tuple[str, str, str]] = set()

    def evaluate_and_note(ctx: Any, policies: Any, *limits: Any) -> Any:
        result = evaluate(ctx, policies, *limits)
        used = (ctx.principal_arn, ctx.action, ctx.resource_arn)
        if result.decision == "Allow" and ctx.principal_type == "AssumedRole" and used not in noted:
            noted.add(used)
            line = {"role": _role(ctx.principal_arn), "action": ctx.action, "resource": ctx.resource_arn}
            with file.open("a") as notes:
                notes.write(json.dumps(line) + "\n")
        return result

    return evaluate_and_note


def _role(principal: str) -> str:
    """Of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, the role."""
    return principal.split("/")[1] if "/" in principal else principal
