"""With FailOnWarnings, a body of which API Gateway's importer would leave something out is refused.

MiniStack takes every body. The rules are those of "Amazon API Gateway important notes for REST APIs"; where it is silent,
an issue is named.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html#cfn-apigateway-restapi-failonwarnings>
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ministack.services.cloudformation import provisioners

from . import patching

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
UNSUPPORTED_IN_SCHEMAS = (
    "default", "deprecated", "discriminator", "example", "examples", "exclusiveMinimum", "nullable", "readOnly",
)  # fmt: skip
UNSUPPORTED_FORMATS = ("int32", "int64", "decimal")
SEGMENT = re.compile(r"[A-Za-z0-9_.,:-]+|\{[A-Za-z0-9_.,:-]+\+?\}")
MODEL_NAME = re.compile(r"[A-Za-z0-9]+")


def install() -> None:
    """Looks at REST APIs before they are created or updated."""
    patching.around_resource(provisioners, "AWS::ApiGateway::RestApi", before=_refuse_warnings)


def _refuse_warnings(properties: Json) -> None:
    if str(properties.get("FailOnWarnings")).lower() != "true":
        return
    if found := list(warnings(properties.get("Body") or {})):
        raise ValueError("Warnings found during import:\n" + "\n".join(f"\t{warning}" for warning in found))


def warnings(body: Json) -> Iterator[str]:
    """What the importer would say of an OpenAPI body, if it is not to be taken as it stands."""
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        if scheme.get("type") != "apiKey":
            yield f"security scheme {name}: the type {scheme.get('type')} is not supported"
    for name, schema in body.get("components", {}).get("schemas", {}).items():
        if not MODEL_NAME.fullmatch(name):
            yield f"model {name}: a name has letters and digits only"
        yield from _of_schema(f"model {name}", schema)
    for path, item in body.get("paths", {}).items():
        if not all(SEGMENT.fullmatch(segment) for segment in path.strip("/").split("/") if segment):
            yield f"{path}: a segment is plain text, or one parameter"
        yield from _of_parameters(path, item)
        for method in METHODS:
            if method in item:
                yield from _of_operation(f"{method.upper()} {path}", item[method])


def _of_operation(place: str, operation: Json) -> Iterator[str]:
    yield from _of_parameters(place, operation)
    yield from _of_contents(f"{place}, request", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        if "$ref" in response:
            yield f"{place}, {status}: a response can't be a $ref"
        yield from _of_contents(f"{place}, {status}", response)


def _of_parameters(place: str, holder: Json) -> Iterator[str]:
    for parameter in holder.get("parameters", []):
        name = f"{place}, parameter {parameter.get('name')}"
        if parameter.get("in", "path") not in ("path", "query", "header"):
            yield f"{name}: not supported in {parameter['in']}"
        yield from _of_schema(name, {key: value for key, value in parameter.items() if key != "schema"})
        yield from _of_schema(name, parameter.get("schema", {}))


def _of_contents(place: str, holder: Json) -> Iterator[str]:
    for content_type, content in holder.get("content", {}).items():
        schema = content.get("schema", {})
        # github.com/aws/aws-cdk/issues/24844
        if "$ref" not in schema and schema.get("type") not in (None, "object", "array"):
            yield f"{place}, {content_type}: Unsupported model type: {schema['type']}"
        yield from _of_schema(f"{place}, {content_type}", schema)


def _of_schema(place: str, schema: Any) -> Iterator[str]:
    """Of a schema and those within it; `properties` holds names, which may be any word."""
    if isinstance(schema, list):
        for part in schema:
            yield from _of_schema(place, part)
    if not isinstance(schema, dict):
        return
    yield from (f"{place}: {word} is not supported" for word in UNSUPPORTED_IN_SCHEMAS if word in schema)
    if schema.get("format") in UNSUPPORTED_FORMATS:
        yield f"{place}: the format {schema['format']} is not supported"
    if not str(schema.get("$ref", "#/")).startswith("#/"):
        yield f"{place}: {schema['$ref']} is in another file"
    for name, part in schema.items():
        for inner in part.values() if name == "properties" else [part]:
            yield from _of_schema(place, inner)
