"""Mapping templates, without a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from darkroom_local.extension.apigateway_templates import render

BODY = b'{"items": [{"key": "a"}, {"key": "it\'s \\"b\\""}], "n": 2}'

CASES = [
    ("a body as it came", "$input.body", BODY.decode()),
    ("a value", "$input.path('$.items[1].key')", 'it\'s "b"'),
    ("nothing", "[$input.path('$.none.at.all')]", "[]"),
    ("JSON", "$input.json('$.items[0]')", '{"key": "a"}'),
    ("a parameter", "$input.params('name')", "value"),
    ("a missing parameter", "[$input.params('none')]", "[]"),
    ("context", "$context.requestId", "id-1"),
    ("escaped", "$util.escapeJavaScript($input.path('$.items[1].key'))", 'it\\\'s \\"b\\"'),
    ("encoded", "$util.urlEncode('a b/c')", "a+b%2Fc"),
    ("base64 there and back", "$util.base64Decode($util.base64Encode('ü'))", "ü"),
    ("a choice", "#if($input.path('$.n') == 2)two#{else}other#end", "two"),
    ("a loop", "#foreach($i in $input.path('$.items'))$foreach.index#if($foreach.hasNext),#end#end", "0,1"),
]


@pytest.mark.parametrize(("template", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_template_becomes(template: str, expected: str) -> None:
    assert render(template, BODY, {"name": "value"}, {"requestId": "id-1"}) == expected


def test_a_template_can_override_the_status() -> None:
    context: dict[str, Any] = {"responseOverride": {"header": {}}}

    render("#set($context.responseOverride.status = 404)", b"", {}, context)

    assert context["responseOverride"]["status"] == 404


def test_a_body_that_is_no_json_has_no_values() -> None:
    assert render("[$input.path('$.a')]", b"\xff", {}, {}) == "[]"
