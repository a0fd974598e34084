"""Every right that a function has was used by the end-to-end tests, or stands below with its reason.

That no right is missing needs no test of its own: the local cloud enforces policies. It also notes which of them were
used, by the functions' own credentials; the tests have others.
"""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest
from darkroom_local.layout import Instance

FUNCTIONS = ("Validate", "Resize", "Notify", "Images")
# Statement and action: why a function has a right that these tests do not use.
UNUSED = {
    ("TellGoneFromForbidden", "s3:ListBucket"): "S3 asks for it by itself, to answer 404; the local cloud does not",
    ("FindSources", "s3:ListBucket"): "the same",
    ("WriteRenditions", "s3:AbortMultipartUpload"): "when an upload in parts breaks off, which none here does",
    ("ReadAndRemoveSources", "s3:DeleteObjectVersion"): "S3 asks for it where a version is deleted among others; the"
    " local cloud asks for DeleteObject",
}


@pytest.fixture(scope="module")
def used(instance: Instance) -> dict[str, set[tuple[str, str]]]:
    """Role to action and resource."""
    noted: dict[str, set[tuple[str, str]]] = {}
    for line in instance.permissions_file.read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        noted.setdefault(note["role"], set()).add((note["action"], note["resource"]))
    return noted


@pytest.fixture(scope="module")
def roles(client: Any, stack: str) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Function to its role's name, and the statements of the template's policies."""
    iam, found = client("iam"), {}
    resources = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for page in resources for it in page["StackResourceSummaries"]}
    for function in FUNCTIONS:
        role = names[f"{function}FunctionRole"]
        policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in policies]
        statements = [statement for document in documents for statement in document["Statement"]]
        # SAM adds what its own properties need: to trace, and to hand on what failed.
        found[function] = (role, [statement for statement in statements if "Sid" in statement])
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_right_is_spare(function: str, roles: Any, used: Any) -> None:
    role, statements = roles[function]
    assert statements
    for statement in statements:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                hits = [it for it in used.get(role, ()) if it[0] == action and fnmatch.fnmatchcase(it[1], resource)]
                assert hits or (statement["Sid"], action) in UNUSED, f"{statement['Sid']}: {action} on {resource}"


def test_what_is_excused_is_allowed_to_somebody(roles: Any) -> None:
    allowed = {
        (statement["Sid"], action)
        for _, statements in roles.values()
        for statement in statements
        for action in _listed(statement["Action"])
    }
    assert UNUSED.keys() <= allowed


def test_every_call_is_one_that_the_template_allows_by_name(roles: Any, used: Any) -> None:
    # What is used beyond the template's own statements is what SAM adds.
    for role, statements in roles.values():
        named = {action for statement in statements for action in _listed(statement["Action"])}
        beyond = {action for action, _ in used.get(role, ())} - named
        assert all(action.startswith(("logs:", "xray:", "sqs:SendMessage")) for action in beyond), beyond


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
