"""Records the permissions of roles that are used: one JSON line for each role, action and resource, at the first use.

The local cloud enforces policies, so no permission is missing. A permission without a line is unused.
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
    """Wraps the evaluation of identity policies."""
    folder = os.environ.get(processes.FOLDER_VARIABLE)
    if not folder:
        return
    file = Instance(Path(folder), 0).permissions_file
    file.unlink(missing_ok=True)
    patching.replace(iam_evaluator, "evaluate", "ctx, policies, *limits", lambda evaluate: _recording(evaluate, file))


def _recording(evaluate: Callable[..., Any], file: Path) -> Callable[..., Any]:
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
    """The role in `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`."""
    return principal.split("/")[1] if "/" in principal else principal
