"""The API's body as API Gateway imports it: whether it has something that the importer refuses, warns of, or leaves
out.

`darkroom_local.importer_warnings` has the rules of API Gateway's guide. This check adds the fields that each object may
have, and the mappings: an integration may map only what its method declares, which is a parameter of the request, a
status and a header of the response. `shape` checks `security`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from darkroom_local.importer_warnings import METHODS, ImporterWarning, warnings

from .. import resolved, sources
from ..places import place
from ..report import Check, Findings

INTEGRATION = "x-amazon-apigateway-integration"
# The fields that an object of OpenAPI 3.0 may have and that the importer takes; those that begin with `x-` besides.
FIELDS = {
    "document": {"openapi", "info", "servers", "paths", "components", "tags", "externalDocs"},
    "path": {"summary", "description", "servers", "parameters", *METHODS},
    "operation": {"tags", "summary", "description", "operationId", "parameters", "requestBody", "responses", "security"},
    "parameter": {"name", "in", "description", "required", "schema"},
    "request body": {"description", "content", "required"},
    "response": {"description", "headers", "content"},
    "media type": {"schema"},
}
REQUIRED = {
    "document": {"openapi", "info", "paths"}, "operation": {"responses"}, "parameter": {"name", "in", "schema"},
    "request body": {"content"}, "response": {"description"},
}  # fmt: skip


def run() -> Findings:
    """Checks each distinct body of the deployed sets of parameters once."""
    findings = Findings()
    bodies = deployed_bodies()
    for text, name in bodies.items():
        body = json.loads(text)
        for path, problem in [*warnings(body), *_structure(body), *_references(body), *_mappings(body)]:
            findings.add(place(sources.api_file(), path), f"{problem} ({'/'.join(path)})", name)
    findings.looked_at = f"{len(bodies)} distinct bodies of {len(sources.deployed_parameters())} parameter sets"
    return findings


def deployed_bodies() -> dict[str, str]:
    """Each distinct body as JSON, with the name of the first set of parameters that results in it."""
    bodies: dict[str, str] = {}
    for name, parameters in sources.deployed_parameters().items():
        stack = resolved.Stack(sources.transformed(parameters), parameters)
        for api in stack.of_type("AWS::ApiGateway::RestApi").values():
            bodies.setdefault(json.dumps(api["Body"]), name)
    return bodies


def operations(body: dict[str, Any]) -> list[tuple[list[str], dict[str, Any]]]:
    """Path within the body, and operation with the parameters of its path."""
    return [
        (["paths", path, method], operation | {"parameters": shared + operation.get("parameters", [])})
        for path, item in body["paths"].items()
        for shared in [(item or {}).get("parameters", [])]
        for method, operation in (item or {}).items()
        if isinstance(operation, dict) and INTEGRATION in operation
    ]


def _structure(body: dict[str, Any]) -> Iterator[ImporterWarning]:
    for path, kind, node in _objects(body):
        if not isinstance(node, dict):
            yield path, f"a {kind} is an object"
            continue
        for field in node.keys() - FIELDS[kind]:
            # `shape` says what is wrong with `security` at the root.
            if not field.startswith("x-") and (kind, field) != ("document", "security"):
                yield [*path, field], f"a {kind} has no field {field} that the importer takes"
        for field in REQUIRED.get(kind, set()) - node.keys():
            yield path, f"a {kind} needs {field}"


def _objects(body: dict[str, Any]) -> Iterator[tuple[list[str], str, Any]]:
    """Each object whose fields are checked, with its place and kind."""
    yield [], "document", body
    for path, item in body["paths"].items():
        yield ["paths", path], "path", item
        for number, parameter in enumerate(item.get("parameters", [])):
            yield ["paths", path, "parameters", str(number)], "parameter", parameter
        for method in METHODS & item.keys():
            place_of, operation = ["paths", path, method], item[method]
            yield place_of, "operation", operation
            for number, parameter in enumerate(operation.get("parameters", [])):
                yield [*place_of, "parameters", str(number)], "parameter", parameter
            responses = operation["responses"].items()
            answers = [([*place_of, "responses", status], "response", it) for status, it in responses]
            bodies = []
            if "requestBody" in operation:
                bodies = [([*place_of, "requestBody"], "request body", operation["requestBody"])]
            for where, kind, holder in answers + bodies:
                yield where, kind, holder
                for media_type, content in holder.get("content", {}).items():
                    yield [*where, "content", media_type], "media type", content


def _references(body: dict[str, Any]) -> Iterator[ImporterWarning]:
    components = body.get("components", {})
    if "responses" in components:
        yield ["components", "responses"], "a response must be inline"
    # The reference of gateway responses lists it with no template to set: the client gets AWS's own 413.
    if "REQUEST_TOO_LARGE" in body.get("x-amazon-apigateway-gateway-responses", {}):
        yield ["x-amazon-apigateway-gateway-responses", "REQUEST_TOO_LARGE"], "this response cannot be customised"
    for target in re.findall(r'"\$ref": "([^"]+)"', json.dumps(body)):
        kind, _, name = target.removeprefix("#/components/").partition("/")
        if not target.startswith("#/components/") or name not in components.get(kind, {}):
            yield ["components"], f"nothing is at {target}"


def _mappings(body: dict[str, Any]) -> Iterator[ImporterWarning]:
    for path, operation in operations(body):
        integration, responses = operation[INTEGRATION], operation["responses"]
        declared = {f"method.request.{it['in']}.{it['name']}" for it in operation["parameters"]}
        for target, source in integration.get("requestParameters", {}).items():
            plain = re.sub(r"\.querystring\.", ".query.", str(source))
            if plain.startswith("method.request.") and plain not in declared:
                yield path, f"{target} is mapped from {source}, which is not declared"
        for answer in integration.get("responses", {}).values():
            method_response = responses.get(str(answer["statusCode"]))
            if method_response is None:
                yield path, f"the integration answers {answer['statusCode']}, which is not declared"
                continue
            # With binary types, `Accept: image/*` makes API Gateway decode an answer that is not converted to text.
            if integration["type"] == "aws" and answer.get("contentHandling") != "CONVERT_TO_TEXT":
                yield path, f"{answer['statusCode']} has no contentHandling"
            headers = method_response.get("headers", {})
            for target in answer.get("responseParameters", {}):
                if (header := target.removeprefix("method.response.header.")) not in headers:
                    yield path, f"{answer['statusCode']} has no header {header}"


CHECK = Check("importer", "API Gateway's guide", run)
