"""Every right of a function was used by the earlier tests, or is listed below with a reason.

No test checks that no right is missing, because the local cloud enforces policies. It also records the rights that the
functions' credentials have used; the tests have other credentials.
"""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest
from darkroom_local.layout import Instance

FUNCTIONS = ("Validate", "Resize", "Notify", "Images")
# Statement and action: the reason for a right that the tests do not use.
UNUSED = {
    ("TellGoneFromForbidden", "s3:ListBucket"): "S3 checks it if a key is missing, which the tests do not always cause",
    ("KeepFailedInvocations", "sqs:SendMessage"): "used if an invocation by an event fails three times, which none does here",
    ("WriteItsLog", "logs:CreateLogStream"): "Lambda writes the log, with the function's rights",
    ("WriteItsLog", "logs:PutLogEvents"): "Lambda writes the log, with the function's rights",
    ("WriteTraces", "xray:PutTelemetryRecords"): "Lambda sends the traces; the local cloud sends none",
    ("WriteTraces", "xray:PutTraceSegments"): "Lambda sends the traces; the local cloud sends none",
    ("WriteRenditions", "s3:AbortMultipartUpload"): "used if a multipart upload fails, which none does here",
    ("ReadAndRemoveSources", "s3:DeleteObjectVersion"): "S3 checks it if DeleteObjects names a version; the local cloud"
    " checks DeleteObject",
}
# Role and managed policy: the reason for all of its rights.
MANAGED = {
    ("ApiGatewayLogRole", "service-role/AmazonAPIGatewayPushToCloudWatchLogs"): "API Gateway has one role for the logs of"
    " all APIs of the account and region, so it cannot be narrowed to this API's log group",
    ("ImagePipelineRole", "AWSXrayWriteOnlyAccess"): "SAM adds it for the traces of the state machine, which have no"
    " narrower resource",
}


@pytest.fixture(scope="module")
def used(instance: Instance) -> dict[str, set[tuple[str, str]]]:
    """Role to the actions and resources that it used."""
    found: dict[str, set[tuple[str, str]]] = {}
    for line in instance.permissions_file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["role"], set()).add((record["action"], record["resource"]))
    return found


@pytest.fixture(scope="module")
def roles(client: Any, stack: str) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Function to the name of its role and the statements of the role's policies."""
    iam, found = client("iam"), {}
    resources = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for page in resources for it in page["StackResourceSummaries"]}
    for function in FUNCTIONS:
        role = names[f"{function}FunctionRole"]
        policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in policies]
        statements = [statement for document in documents for statement in document["Statement"]]
        assert all("Sid" in statement for statement in statements), "every statement is the template's"
        found[function] = (role, statements)
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_right_is_used_or_has_a_reason(function: str, roles: Any, used: Any) -> None:
    role, statements = roles[function]
    assert statements
    for statement in statements:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                hits = [it for it in used.get(role, ()) if it[0] == action and fnmatch.fnmatchcase(it[1], resource)]
                assert hits or (statement["Sid"], action) in UNUSED, f"{statement['Sid']}: {action} on {resource}"


def test_every_managed_policy_has_a_reason(client: Any, stack: str) -> None:
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


def test_every_right_with_a_reason_exists(roles: Any) -> None:
    allowed = {
        (statement["Sid"], action)
        for _, statements in roles.values()
        for statement in statements
        for action in _listed(statement["Action"])
    }
    assert UNUSED.keys() <= allowed


def test_every_used_right_is_named_in_the_template(roles: Any, used: Any) -> None:
    for role, statements in roles.values():
        named = {action for statement in statements for action in _listed(statement["Action"])}
        assert {action for action, _ in used.get(role, ())} <= named


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
