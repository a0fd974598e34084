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
    ("TellGoneFromForbidden", "s3:ListBucket"): "S3 asks for it where a key is gone, which no function meets for certain",
    ("KeepFailedInvocations", "sqs:SendMessage"): "when an invocation by an event fails three times, which none here does",
    ("WriteItsLog", "logs:CreateLogStream"): "Lambda writes the log, with the function's rights",
    ("WriteItsLog", "logs:PutLogEvents"): "the same",
    ("WriteTraces", "xray:PutTelemetryRecords"): "Lambda sends the traces; the local cloud sends none",
    ("WriteTraces", "xray:PutTraceSegments"): "the same",
    ("WriteRenditions", "s3:AbortMultipartUpload"): "when an upload in parts breaks off, which none here does",
    ("ReadAndRemoveSources", "s3:DeleteObjectVersion"): "S3 asks for it where a version is deleted among others; the"
    " local cloud asks for DeleteObject",
}
# Role and managed policy: why it has all of its rights.
MANAGED = {
    ("ApiGatewayLogRole", "service-role/AmazonAPIGatewayPushToCloudWatchLogs"): "API Gateway has one role for the logs of"
    " all APIs of the account and region, so it cannot be narrowed to this API's log group",
    ("ImagePipelineRole", "AWSXrayWriteOnlyAccess"): "SAM's, for the traces of the state machine, which have no narrower"
    " resource",
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
        assert all("Sid" in statement for statement in statements), "the template writes every statement"
        found[function] = (role, statements)
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


def test_managed_policies_are_where_the_template_has_a_reason(client: Any, stack: str) -> None:
    iam = client("iam")
    resources = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    roles = {it["LogicalResourceId"]: it["PhysicalResourceId"] for page in resources
             for it in page["StackResourceSummaries"] if it["ResourceType"] == "AWS::IAM::Role"}  # fmt: skip
    assert {f"{function}FunctionRole" for function in FUNCTIONS} < roles.keys()
    attached = {
        (name, policy["PolicyArn"].rsplit(":policy/")[1])
        for name, role in roles.items()
        for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    }
    assert attached == MANAGED.keys()


def test_what_is_excused_is_allowed_to_somebody(roles: Any) -> None:
    allowed = {
        (statement["Sid"], action)
        for _, statements in roles.values()
        for statement in statements
        for action in _listed(statement["Action"])
    }
    assert UNUSED.keys() <= allowed


def test_every_call_is_one_that_the_template_allows_by_name(roles: Any, used: Any) -> None:
    for role, statements in roles.values():
        named = {action for statement in statements for action in _listed(statement["Action"])}
        assert {action for action, _ in used.get(role, ())} <= named


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
