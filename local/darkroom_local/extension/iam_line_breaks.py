"""A policy's `*` and `?` also match line breaks.

MiniStack compares patterns line by line, so `arn:aws:s3:::bucket/*` does not allow a key with a line break. IAM says that
an asterisk represents any combination of characters.
<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

MiniStack also reads the path of a key that consists of slashes only as the path of the bucket. That gap remains.
"""

from __future__ import annotations

import re
from typing import Callable

from ministack.core import iam_evaluator

from . import patching

Compile = Callable[[str, bool], "re.Pattern[str]"]


def install() -> None:
    """Replaces the comparison of patterns."""
    patching.replace(iam_evaluator, "_fnmatch_compile", "pattern, ignore_case", _across_lines)


def _across_lines(compile_pattern: Compile) -> Compile:
    def compile_across_lines(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        compiled = compile_pattern(pattern, ignore_case)
        # `$` would also match before a line break at the end.
        return re.compile(compiled.pattern.removesuffix("$") + r"\Z", compiled.flags | re.DOTALL)

    return compile_across_lines
