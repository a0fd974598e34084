"""Rules for the transformed template that cfn-lint does not have, checked for every set of parameters.

- Step Functions authorises calls of a version or an alias by the ARN of its state machine. A policy with the ARN of the
  alias allows nothing.
- API Gateway reads `security` of an operation, never at the root.
- Without `OpenApiVersion`, SAM's deployment creates a second stage named Stage.
- A permission to call a function names the source of the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import resolved, sources
from ..places import place, place_of_resource
from ..report import Check, Findings

METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}
# `arn:aws:states:region:account:stateMachine:name`; behind it, a version or an alias.
PARTS_OF_A_MACHINE = 7


def run() -> Findings:
    """Checks every set of parameters."""
    findings, looked_at = Findings(), 0
    for name, parameters in sources.deployed_parameters().items():
        stack = resolved.Stack(sources.transformed(parameters), parameters)
        for logical_id, statement in statements(stack):
            looked_at += 1
            _qualified(logical_id, statement, name, findings)
        for logical_id, deployment in stack.of_type("AWS::ApiGateway::Deployment").items():
            if "StageName" in deployment:
                wrong = f"the deployment creates a second stage, {deployment['StageName']!r}"
                findings.add(place_of_resource("Api" if logical_id.startswith("Api") else logical_id), wrong, name)
        for logical_id, permission in stack.of_type("AWS::Lambda::Permission").items():
            if "SourceArn" not in permission:
                findings.add(place_of_resource(logical_id), "any resource of the service may call the function", name)
        for body in (it["Body"] for it in stack.of_type("AWS::ApiGateway::RestApi").values()):
            _security(body, name, findings)
    findings.looked_at = f"{looked_at} statements, {len(sources.deployed_parameters())} parameter sets"
    return findings


def statements(stack: resolved.Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements of all roles' policies, with the logical id of the role."""
    for logical_id, role in stack.of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in listed(policy["PolicyDocument"]["Statement"]):
                yield logical_id, statement


def listed(value: Any) -> list[Any]:
    """A list. IAM accepts a single value instead of a list."""
    return value if isinstance(value, list) else [value]


def _qualified(role: str, statement: dict[str, Any], name: str, findings: Findings) -> None:
    if not any(action.startswith("states:") for action in listed(statement["Action"])):
        return
    for resource in listed(statement["Resource"]):
        if ":stateMachine:" in resource and resource.count(":") >= PARTS_OF_A_MACHINE:
            wrong = "is the ARN of a version or an alias, by which Step Functions authorises nothing"
            findings.add(place_of_resource(role), f"{role} {listed(statement['Action'])} {resource}: {wrong}", name)


def _security(body: dict[str, Any], name: str, findings: Findings) -> None:
    file = sources.api_file()
    if "security" in body:
        findings.add(place(file, ["security"]), "API Gateway ignores security at the root", name)
    for path, item in body["paths"].items():
        for method in METHODS & (item or {}).keys():
            if "security" not in item[method]:
                findings.add(place(file, ["paths", path, method]), f"{method.upper()} {path} has no security", name)


CHECK = Check("shape", "aws-sam-translator", run)
