"""A policy's `*` and `?` also match line breaks, and a key of slashes is a key.

MiniStack compares patterns line by line, so `arn:aws:s3:::bucket/*` does not allow a key with a line break. It reads the
path `/bucket//` as the bucket, not as its object `/`. IAM says that an asterisk represents any combination of characters.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
"""

from __future__ import annotations

import re
from typing import Any, Callable

from ministack.core import iam_actions, iam_evaluator

from . import patching


def install() -> None:
    """Replaces the comparison of patterns, and wraps the choice of an S3 action."""
    patching.replace(iam_evaluator, "_fnmatch_compile", "pattern, ignore_case", _across_lines)
    patching.replace(iam_actions, "_s3_action", "method, path, query_params", _with_keys_of_slashes)


def _across_lines(compile_pattern: Callable[[str, bool], re.Pattern[str]]) -> Callable[[str, bool], re.Pattern[str]]:
    def compile_across_lines(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        compiled = compile_pattern(pattern, ignore_case)
        # `$` would also match before a line break at the end.
        return re.compile(compiled.pattern.removesuffix("$") + r"\Z", compiled.flags | re.DOTALL)

    return compile_across_lines


def _with_keys_of_slashes(action_of: Callable[..., str | None]) -> Callable[..., str | None]:
    def s3_action(method: str, path: str, query_params: Any) -> str | None:
        bucket, _, key = path.lstrip("/").partition("/")
        if key and not key.strip("/"):
            path = f"/{bucket}/key"
        return action_of(method, path, query_params)

    return s3_action
