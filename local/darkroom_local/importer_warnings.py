"""What API Gateway's importer warns of in an OpenAPI body. With FailOnWarnings, a warning refuses the deployment.

The rules are those of API Gateway's developer guide, "Important notes for REST APIs"; a rule from elsewhere names its
source. The local cloud refuses such bodies (`extension.apigateway_import_warnings`), and `make aws-check` checks each
body that is deployed.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
ImporterWarning = tuple[list[str], str]
"""A place within the body, and what is wrong there."""

METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}
UNSUPPORTED_KEYWORDS = (
    "default", "deprecated", "discriminator", "example", "examples", "exclusiveMinimum", "nullable", "readOnly",
)  # fmt: skip
UNSUPPORTED_FORMATS = ("int32", "int64", "decimal")
# Each segment is plain, or one parameter.
PATH = re.compile(r"(/([\w.,:-]+|\{[\w.,:-]+\+?\})|/)+", re.ASCII)
MODEL_NAME = re.compile(r"[A-Za-z0-9]+")


def warnings(body: Json) -> Iterator[ImporterWarning]:
    """Each warning about a body whose conditions and references between resources are resolved."""
    components = body.get("components", {})
    for name, scheme in components.get("securitySchemes", {}).items():
        if scheme.get("type") != "apiKey":
            yield ["components", "securitySchemes", name], f"the security scheme {scheme.get('type')} is not supported"
    for name, schema in components.get("schemas", {}).items():
        if not MODEL_NAME.fullmatch(name):
            yield ["components", "schemas", name], "a model's name has letters and digits only"
        yield from _of_schema(["components", "schemas", name], schema)
    for path, item in body.get("paths", {}).items():
        if not PATH.fullmatch(path):
            yield ["paths", path], "a segment is plain text, or one parameter"
        yield from _of_parameters(["paths", path], item)
        for method in METHODS & item.keys():
            yield from _of_operation(["paths", path, method], item[method])


def _of_operation(path: list[str], operation: Json) -> Iterator[ImporterWarning]:
    yield from _of_parameters(path, operation)
    yield from _of_contents([*path, "requestBody"], operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        if "$ref" in response:
            yield [*path, "responses", status], "a response can't be a $ref"
        yield from _of_contents([*path, "responses", status], response)


def _of_parameters(path: list[str], holder: Json) -> Iterator[ImporterWarning]:
    for number, parameter in enumerate(holder.get("parameters", [])):
        place = [*path, "parameters", str(number)]
        if parameter.get("in", "path") not in ("path", "query", "header"):
            yield place, f"a parameter in {parameter['in']} is not supported"
        yield from _of_schema(place, {key: value for key, value in parameter.items() if key != "schema"})
        yield from _of_schema([*place, "schema"], parameter.get("schema", {}))


def _of_contents(path: list[str], holder: Json) -> Iterator[ImporterWarning]:
    for content_type, content in holder.get("content", {}).items():
        schema, place = content.get("schema", {}), [*path, "content", content_type, "schema"]
        # github.com/aws/aws-cdk/issues/24844
        if "$ref" not in schema and schema.get("type") not in (None, "object", "array"):
            yield place, f"Unsupported model type: {schema['type']}"
        yield from _of_schema(place, schema)


def _of_schema(path: list[str], schema: Any) -> Iterator[ImporterWarning]:
    """The warnings about a schema and those within it. `properties` contains names, which may be any word."""
    if isinstance(schema, list):
        for part in schema:
            yield from _of_schema(path, part)
    if not isinstance(schema, dict):
        return
    yield from (([*path, word], f"the keyword {word} is not supported") for word in UNSUPPORTED_KEYWORDS if word in schema)
    if schema.get("format") in UNSUPPORTED_FORMATS:
        yield [*path, "format"], f"the format {schema['format']} is not supported"
    if not str(schema.get("$ref", "#/")).startswith("#/"):
        yield path, f"{schema['$ref']} is in another file"
    for name, part in schema.items():
        for inner in part.values() if name == "properties" else [part]:
            yield from _of_schema([*path, name], inner)
