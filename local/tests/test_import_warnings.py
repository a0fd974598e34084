"""What API Gateway's importer warns of, without a cloud."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from darkroom_local.importer_warnings import warnings

CASES = [
    ("an inline primitive type of a request", "{post: {requestBody: {content: {image/jpeg: {schema: {type: string}}}}}}",
     "Unsupported model type: string"),
    ("an inline primitive type of a response", "{get: {responses: {'200': {content: {a/b: {schema: {type: integer}}}}}}}",
     "Unsupported model type: integer"),
    ("a response by reference", "{get: {responses: {'200': {$ref: '#/components/responses/A'}}}}", "can't be a $ref"),
    ("a default", "{get: {parameters: [{name: a, in: query, schema: {type: string, default: b}}]}}", "default is not"),
    ("a default for all methods", "{parameters: [{name: a, in: query, schema: {default: b}}]}", "default is not"),
    ("an example", "{get: {parameters: [{name: a, in: query, example: b, schema: {type: string}}]}}", "example is not"),
    ("a cookie", "{get: {parameters: [{name: a, in: cookie, schema: {type: string}}]}}", "in cookie is not supported"),
    ("a format", "{get: {parameters: [{name: a, in: query, schema: {type: integer, format: int32}}]}}", "format int32"),
    ("a keyword of a nested schema", "{post: {requestBody: {content: {a/b: {schema: {type: object, properties:"
     " {inner: {type: array, items: {nullable: true}}}}}}}}}", "nullable is not"),
    ("another file", "{post: {requestBody: {content: {a/b: {schema: {$ref: 'models.yaml#/A'}}}}}}", "in another file"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_importer_warns_of(item: str, expected: str) -> None:
    ((path, problem),) = warnings({"paths": {"/a": yaml.safe_load(item)}})

    assert expected in problem and path[:2] == ["paths", "/a"]


@pytest.mark.parametrize("path", ["/a b", "/{a}b", "/a%20b"])
def test_the_importer_warns_of_a_path_with_other_characters(path: str) -> None:
    assert next(warnings({"paths": {path: {}}})) == (["paths", path], "a segment is plain text, or one parameter")


def test_the_importer_warns_of_components() -> None:
    schemas = {"Not-a-name": {}, "Model": {"properties": {"default": {"type": "string", "default": "a"}}}}
    body = {"components": {"schemas": schemas, "securitySchemes": {"jwt": {"type": "http"}}}}

    assert [path[1:3] for path, _ in warnings(body)] == [
        ["securitySchemes", "jwt"], ["schemas", "Not-a-name"], ["schemas", "Model"],
    ]  # fmt: skip


def test_a_property_may_have_any_name() -> None:
    body: dict[str, Any] = {"components": {"schemas": {"Model": {"properties": {"default": {"type": "string"}}}}}}

    assert not list(warnings(body))
