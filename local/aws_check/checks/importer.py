"""The API's body as it is deployed, by Spectral with the rules of API Gateway's importer, and its mappings by its own.

An integration may map only what its method declares: a header of the response, a parameter of the request.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .. import npm, resolved, sources
from ..places import place
from ..report import Check, Findings

RULES = "importer.spectral.yaml"
INTEGRATION = "x-amazon-apigateway-integration"
FOUND_SOMETHING = 1


def run() -> Findings:
    """Every body that a set of parameters comes to, once."""
    findings = Findings()
    bodies = deployed_bodies()
    folder = npm.installed() / "bodies"
    folder.mkdir(exist_ok=True)
    names = {}
    for number, (body, name) in enumerate(bodies.items()):
        file = folder / f"{number}.json"
        file.write_text(body, encoding="utf-8")
        names[file.name] = name
        _mappings(json.loads(body), name, findings)
    files = [str(folder / file) for file in names]
    ruleset = str(npm.installed() / RULES)
    answer = npm.run_tool("spectral", "lint", *files, "--ruleset", ruleset, "--format", "json", "--quiet",
                          "--fail-severity", "hint", may_exit=(0, FOUND_SOMETHING))
    for fault in json.loads(answer[answer.index("[") :] if "[" in answer else "[]"):
        where = place(sources.api_file(), fault["path"])
        findings.add(where, f"{fault['code']}: {fault['message']} ({'/'.join(map(str, fault['path']))})")
    findings.looked_at = f"{len(bodies)} distinct bodies of {len(sources.deployed_sets())} parameter sets"
    return findings


def deployed_bodies() -> dict[str, str]:
    """Each distinct body as JSON, with the name of the first set of parameters that comes to it."""
    bodies: dict[str, str] = {}
    for name, parameters in sources.deployed_sets().items():
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


def _mappings(body: dict[str, Any], name: str, findings: Findings) -> None:
    file = sources.api_file()
    for path, operation in operations(body):
        integration, responses = operation[INTEGRATION], operation["responses"]
        declared = {f"method.request.{it['in']}.{it['name']}" for it in operation["parameters"]}
        for target, source in integration.get("requestParameters", {}).items():
            plain = re.sub(r"\.querystring\.", ".query.", str(source))
            if plain.startswith("method.request.") and plain not in declared:
                findings.add(place(file, path), f"{target} is mapped from {source}, which is not declared", name)
        for answer in integration.get("responses", {}).values():
            method_response = responses.get(str(answer["statusCode"]))
            if method_response is None:
                findings.add(place(file, path), f"answers {answer['statusCode']}, which is not declared", name)
                continue
            # With binary types, `Accept: image/*` makes API Gateway decode an answer that is not converted to text.
            if integration["type"] == "aws" and answer.get("contentHandling") != "CONVERT_TO_TEXT":
                findings.add(place(file, path), f"{answer['statusCode']} has no contentHandling", name)
            headers = method_response.get("headers", {})
            for target in answer.get("responseParameters", {}):
                header = target.removeprefix("method.response.header.")
                if header not in headers:
                    findings.add(place(file, path), f"{answer['statusCode']} has no header {header}", name)


CHECK = Check("importer", "Spectral", run)
