"""A changed MiniStack stops the start, so that no behaviour is silently lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable

import pytest

from darkroom_local.extension import patching


def module(**functions: Callable[..., Any]) -> Any:
    return SimpleNamespace(__name__="ministack.example", **functions)


def test_a_function_with_the_expected_signature_is_replaced() -> None:
    example = module(double=lambda number, *rest, **more: number * 2)

    patching.replace(example, "double", "number, *rest, **more", lambda original: lambda n: original(n) + 1)

    assert example.double(4) == 9


def test_a_missing_function_is_refused() -> None:
    with pytest.raises(patching.PatchTargetChanged, match=r"ministack\.example\.double is missing"):
        patching.replace(module(), "double", "number", lambda original: original)


@pytest.mark.parametrize("signature", ["", "n", "number, more", "*number"])
def test_another_signature_is_refused(signature: str) -> None:
    with pytest.raises(patching.PatchTargetChanged, match=r"takes \(number\), not"):
        patching.replace(module(double=lambda number: number), "double", signature, lambda original: original)
