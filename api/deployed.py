"""Writes api/deployed.yaml, the API's body that template.yaml includes, from api/openapi.yaml: `make docs`.

API Gateway supports only a part of OpenAPI, and with `FailOnWarnings` it refuses a body with unsupported parts. The
parts that are left out here are for clients only; the published description has them (api/export.py).
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).with_name("openapi.yaml")
PAGE = Path(__file__).with_name("deployed.yaml")
HEAD = "# Made by `make docs` from openapi.yaml, by deployed.py. Change that file, not this.\n"
METHODS = {"delete", "get", "options", "post"}
PARAMETER = ("name", "in", "required")


def current() -> str:
    """The file, generated from the description."""
    body = deployed(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))
    return HEAD + yaml.dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)


def deployed(description: dict[str, Any]) -> dict[str, Any]:
    """The part of the description that API Gateway imports."""
    components = description["components"]
    paths = {path: _map_ifs(item, _path_item, components) for path, item in description["paths"].items()}
    # API Gateway uses models only to validate requests.
    models = {name: components["schemas"][name] for name in sorted(_models(paths))}
    return {
        **description,
        "info": {name: description["info"][name] for name in ("title", "version")},
        "paths": paths,
        "components": {"securitySchemes": components["securitySchemes"], "schemas": _without_descriptions(models)},
    }


def _map_ifs(node: Any, change: Any, *more: Any) -> Any:
    """Applies `change` to a node, or to both branches of its condition."""
    if isinstance(node, dict) and "Fn::If" in node:
        condition, *outcomes = node["Fn::If"]
        return {"Fn::If": [condition, *(it if _is_no_value(it) else change(it, *more) for it in outcomes)]}
    return change(node, *more)


def _is_no_value(node: Any) -> bool:
    return node == {"Ref": "AWS::NoValue"}


def _path_item(item: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    of_all = item.get("parameters", [])
    return {method: _operation(item[method], of_all, components) for method in item if method in METHODS}


def _operation(operation: dict[str, Any], of_all: list[Any], components: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in operation.items() if name not in ("summary", "description")}
    if parameters := [*of_all, *operation.get("parameters", [])]:
        kept["parameters"] = [_parameter(it) for it in parameters]
    # Only a body with a model is validated. A body of bytes cannot have one: "Unsupported model type".
    if not any("$ref" in it["schema"] for it in operation.get("requestBody", {}).get("content", {}).values()):
        kept.pop("requestBody", None)
    kept["responses"] = {status: _response(it, components) for status, it in operation["responses"].items()}
    return kept


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    # API Gateway checks nothing else of a parameter: the function does.
    kept = {name: parameter[name] for name in PARAMETER if name in parameter}
    return {**kept, "schema": {"type": parameter["schema"].get("type", "string")}}


def _response(response: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        response = components["responses"][response["$ref"].rsplit("/", 1)[1]]
    return {name: response[name] for name in ("description", "headers") if name in response}


def _models(node: Any) -> set[str]:
    """The names of the schemas that a node refers to."""
    if isinstance(node, list):
        return set().union(*map(_models, node))
    if not isinstance(node, dict):
        return set()
    return {node["$ref"].rsplit("/", 1)[1]} if "$ref" in node else _models(list(node.values()))


def _without_descriptions(node: Any) -> Any:
    """The node without its descriptions."""
    if isinstance(node, list):
        return [_without_descriptions(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _without_descriptions(value)
        for name, value in node.items()
        if not (name == "description" and isinstance(value, str))
    }


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, because AWS::Include does not support them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
