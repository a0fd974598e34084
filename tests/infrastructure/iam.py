"""Simulates IAM's decisions about the policies of docs/deploy-role.yaml, by iam-simulate."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import missing_tools
from aws_check import npm
from cloudformation import REPOSITORY, load_template

ACCOUNT = "111122223333"
REGION = "us-east-1"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
BY_CLOUDFORMATION = {"aws:CalledVia": ["cloudformation.amazonaws.com"]}


@dataclass(frozen=True)
class Call:
    """A call of an AWS API, with the context of the request."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


class DeployRole:
    """The stack of docs/deploy-role.yaml for one stage."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.boundary = f"arn:aws:iam::{ACCOUNT}:policy/darkroom-deploy-{stage}-boundary"
        made = load_template(REPOSITORY / "docs" / "deploy-role.yaml")["Resources"]
        role = made["DeployRole"]["Properties"]
        self.trust = self._filled(role["AssumeRolePolicyDocument"])
        self.inline = [self._filled(it["PolicyDocument"]) for it in role["Policies"]]
        attached = [made[it.strip("${}")]["Properties"] for it in role["ManagedPolicyArns"]]
        self.managed = [self._filled(it["PolicyDocument"]) for it in attached]
        self.policies = [*self.inline, *self.managed]
        self.boundary_document = self._filled(made["Boundary"]["Properties"]["PolicyDocument"])

    def refused(self, calls: list[Call]) -> list[Call]:
        """The calls that the role may not make."""
        return _not_allowed(calls, self.policies, None, f"darkroom-deploy-{self.stage}")

    def refused_within_the_boundary(self, calls: list[Call]) -> list[Call]:
        """The calls that a role with the boundary may not make, whatever its policies allow."""
        return _not_allowed(calls, [EVERYTHING], [self.boundary_document], f"darkroom-{self.stage}-any")

    def _filled(self, value: Any) -> Any:
        known = {
            "AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "Stage": self.stage,
            "Repository": "owner/name", "Boundary": self.boundary,
        }  # fmt: skip
        text = json.dumps(value)
        for name, filled in known.items():
            text = text.replace("${" + name + "}", filled)
        assert "${" not in text
        return json.loads(text)


def _not_allowed(calls, identity, boundary, role):
    questions = [
        {"principal": f"arn:aws:iam::{ACCOUNT}:role/{role}", "action": it.action, "resource": it.resource, "account": ACCOUNT,
         "context": it.context, "identity": identity, "boundary": boundary, "unchecked": True}
        for it in calls
    ]  # fmt: skip
    try:
        answers = npm.run_script("simulate.mjs", questions)
    except npm.NpmIsMissing:
        missing_tools.skip("node")
    return [call for call, answer in zip(calls, answers, strict=True) if answer["decision"] != "Allowed"]
