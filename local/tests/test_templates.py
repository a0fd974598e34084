"""Mapping templates, without a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from darkroom_local.extension.apigateway_templates import render

CASES = [
    ("a parameter", "$input.params('name')", "value"),
    ("a missing parameter", "[$input.params('none')]", "[]"),
    ("context", "$context.requestId", "id-1"),
    ("a choice", "#if($input.params('name') == 'value')two#{else}other#end", "two"),
    ("a loop", "#foreach($i in ['a', 'b'])$foreach.index#if($foreach.hasNext),#end#end", "0,1"),
]


@pytest.mark.parametrize(("template", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_template_becomes(template: str, expected: str) -> None:
    assert render(template, {"name": "value"}, {"requestId": "id-1"}) == expected


def test_a_template_can_override_the_status() -> None:
    context: dict[str, Any] = {"responseOverride": {"header": {}}}

    render("#set($context.responseOverride.status = 404)", {}, context)

    assert context["responseOverride"]["status"] == 404
