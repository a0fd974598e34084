"""Prints the API's description as OpenAPI in JSON, for one kind of authorisation.

    python api/export.py ApiKey [the API's URL]

Amazon's extensions are left out, and conditions are resolved as by CloudFormation. A function other than Fn::If in the
rest of the description is an error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).with_name("openapi.yaml")
AUTHORIZATIONS = {"ApiKey": "UsesApiKeys", "Cognito": "UsesCognito", "Iam": "UsesIam"}
NOTHING = {"Ref": "AWS::NoValue"}
# The form of the output ApiUrl.
ANY_URL = {
    "url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
    "description": "The stack's output ApiUrl.",
    "variables": {"api": {"default": "api"}, "region": {"default": "us-east-1"}, "stage": {"default": "dev"}},
}


def exported(authorization: str, url: str | None = None) -> dict[str, Any]:
    """The description of an API that is deployed with this Authorization."""
    source = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    described = _resolved(_without_amazon(source), {AUTHORIZATIONS[authorization]})
    # `{key+}` is API Gateway's syntax for a parameter with slashes. OpenAPI has none, and preflights are left out.
    described["paths"] = {path.replace("+}", "}"): item for path, item in described["paths"].items() if item}
    return {**described, "servers": [{"url": url} if url else ANY_URL]}


def _without_amazon(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_amazon(value) for name, value in node.items() if not str(name).startswith("x-amazon-")}
    return [_without_amazon(value) for value in node] if isinstance(node, list) else node


def _resolved(node: Any, conditions: set[str]) -> Any:
    if isinstance(node, list):
        return [_resolved(value, conditions) for value in node]
    if not isinstance(node, dict):
        return node
    if "Fn::If" in node:
        condition, then, otherwise = node["Fn::If"]
        return _resolved(then if condition in conditions else otherwise, conditions)
    if unknown := [name for name in node if str(name).startswith("Fn::")]:
        raise ValueError(f"{unknown} cannot be resolved")
    resolved = {name: _resolved(value, conditions) for name, value in node.items()}
    return {name: value for name, value in resolved.items() if value != NOTHING}


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1] not in AUTHORIZATIONS:
        sys.exit(f"usage: export.py {'|'.join(AUTHORIZATIONS)} [URL]")
    json.dump(exported(*sys.argv[1:]), sys.stdout, indent=2)
    print()
