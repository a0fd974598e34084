"""Evaluates a template for a set of parameters: conditions, parameters and, if wanted, names of resources.

`evaluated_template` keeps references between resources, for cfn-lint. `Stack` replaces them by names and ARNs in AWS's form,
so that policies and mapping templates can be evaluated.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from .sources import REGION, Template, values

ACCOUNT = "123456789012"
STACK = "darkroom-dev"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0a1b2c3d",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NotificationARNs": [],
}
_NOTHING = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")

# The ARN of a resource after `arn:aws:`, by type. {name} is the physical name.
ARNS = {
    "AWS::ApiGateway::Account": "apigateway:{region}::/account",
    "AWS::ApiGateway::ApiKey": "apigateway:{region}::/apikeys/{name}",
    "AWS::ApiGateway::RestApi": "apigateway:{region}::/restapis/{name}",
    "AWS::ApiGateway::UsagePlan": "apigateway:{region}::/usageplans/{name}",
    "AWS::CloudFront::CachePolicy": "cloudfront::{account}:cache-policy/{name}",
    "AWS::CloudFront::Distribution": "cloudfront::{account}:distribution/{name}",
    "AWS::CloudFront::OriginAccessControl": "cloudfront::{account}:origin-access-control/{name}",
    "AWS::CloudFront::ResponseHeadersPolicy": "cloudfront::{account}:response-headers-policy/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::CloudWatch::Dashboard": "cloudwatch::{account}:dashboard/{name}",
    "AWS::Cognito::UserPool": "cognito-idp:{region}:{account}:userpool/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::Pipes::Pipe": "pipes:{region}:{account}:pipe/{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
# Types whose names AWS generates without the stack's name.
NAMED_BY_AWS = {kind for kind in ARNS if kind.startswith(("AWS::ApiGateway::", "AWS::CloudFront::", "AWS::Cognito::"))}
# Types whose `Ref` is the ARN instead of the name.
REF_IS_THE_ARN = {"AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
NAMES = (
    "Name",
    "AlarmName",
    "BucketName",
    "DashboardName",
    "FunctionName",
    "LogGroupName",
    "ManagedPolicyName",
    "QueueName",
    "RoleName",
    "StateMachineName",
    "TableName",
)


def evaluated_template(template: Template, parameters: dict[str, str]) -> Template:
    """A transformed template for these parameters, as CloudFormation evaluates it, with references between
    resources.
    """
    return _Values(template, values(parameters)).template()


class Stack:
    """A transformed template as if deployed: every created resource has a name and an ARN.

    `given` are the values of the parameters, for a template other than template.yaml.
    """

    def __init__(self, template: Template, parameters: dict[str, str], given: dict[str, Any] | None = None) -> None:
        self._values = Named(template, values(parameters) if given is None else given)
        self.resources: dict[str, dict[str, Any]] = {
            logical_id: self._values.value({"Type": it["Type"], "Properties": it.get("Properties", {})})
            for logical_id, it in self._values.made().items()
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id to properties."""
        return {name: it["Properties"] for name, it in self.resources.items() if it["Type"] == kind}

    def arns(self) -> dict[str, str]:
        """Logical id to ARN, for the types in `ARNS`."""
        return {name: self._values.attribute(name, "Arn") for name, it in self.resources.items() if it["Type"] in ARNS}

    def sub(self, text: str) -> str:
        """A text with `${X}` and `${X.Arn}` replaced, as by `!Sub`."""
        return self._values.value({"Fn::Sub": text})


class _Values:
    """Evaluates the functions of a template for one set of parameters."""

    def __init__(self, template: Template, given: dict[str, Any]) -> None:
        self._template = template
        self._parameters = given | PSEUDO

    def template(self) -> Template:
        """The template, with only the resources and outputs that are created."""
        kept = {
            section: {name: it for name, it in self._template.get(section, {}).items() if self.is_true(it.get("Condition"))}
            for section in ("Resources", "Outputs")
        }
        head = {name: self._template[name] for name in ("AWSTemplateFormatVersion", "Description")}
        return head | {
            section: {name: self.value({k: v for k, v in it.items() if k != "Condition"}) for name, it in items.items()}
            for section, items in kept.items()
        }

    def is_true(self, condition: str | None) -> bool:
        """Whether a condition is true. None is true."""
        return condition is None or self._test(self._template["Conditions"][condition])

    def _test(self, test: dict[str, Any]) -> bool:
        ((kind, operands),) = test.items()
        if kind == "Condition":
            return self.is_true(operands)
        if kind == "Fn::Equals":
            left, right = (self.value(it) for it in operands)
            return left == right
        inner = [self._test(it) for it in operands]
        return {"Fn::Not": lambda: not inner[0], "Fn::And": lambda: all(inner), "Fn::Or": lambda: any(inner)}[kind]()

    def value(self, node: Any) -> Any:
        """A node with its functions evaluated, as far as they are known."""
        found = self._value(node)
        return None if found is _NOTHING else found

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [it for it in map(self._value, node) if it is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, operand),) = node.items()
            function = getattr(self, "_" + name.replace("Fn::", "").lower(), None)
            if (name == "Ref" or name.startswith("Fn::")) and function:
                return function(operand)
            if name.startswith("Fn::"):
                raise ValueError(f"{name} is not supported")
        evaluated = {name: self._value(it) for name, it in node.items()}
        return {name: it for name, it in evaluated.items() if it is not _NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        return self._parameters[name] if name in self._parameters else self.reference(name)

    def _getatt(self, operand: str | list[str]) -> Any:
        name, attribute = operand.split(".", 1) if isinstance(operand, str) else (operand[0], ".".join(operand[1:]))
        return self.attribute(name, attribute)

    def _if(self, operand: list[Any]) -> Any:
        condition, then, otherwise = operand
        return self._value(then if self.is_true(condition) else otherwise)

    def _sub(self, operand: str | list[Any]) -> Any:
        text, own = operand if isinstance(operand, list) else (operand, {})
        own = {name: self._value(it) for name, it in own.items()}
        left: dict[str, Any] = {}

        def replaced(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return found.group(0)
            value = own[name] if name in own else self._getatt(name) if "." in name else self._ref(name)
            if isinstance(value, (str, int)):
                return str(value)
            if name in own:
                left[name] = value
            return found.group(0)

        text = _VARIABLE.sub(replaced, text)
        if left:
            return {"Fn::Sub": [text, left]}
        return {"Fn::Sub": text} if _VARIABLE.search(text) else text

    def _join(self, operand: list[Any]) -> Any:
        separator, parts = operand[0], self._value(operand[1])
        if isinstance(parts, list) and all(isinstance(it, (str, int)) for it in parts):
            return separator.join(map(str, parts))
        return {"Fn::Join": [separator, parts]}

    def _split(self, operand: list[Any]) -> Any:
        text = self._value(operand[1])
        return text.split(operand[0]) if isinstance(text, str) else {"Fn::Split": [operand[0], text]}

    def _select(self, operand: list[Any]) -> Any:
        parts = self._value(operand[1])
        return parts[int(operand[0])] if isinstance(parts, list) else {"Fn::Select": [operand[0], parts]}

    def reference(self, name: str) -> Any:
        """The value of `Ref` of a resource."""
        return {"Ref": name}

    def attribute(self, name: str, attribute: str) -> Any:
        """The value of `GetAtt` of a resource."""
        return {"Fn::GetAtt": [name, attribute]}


class Named(_Values):
    """Also replaces references to resources by names and ARNs."""

    def made(self) -> dict[str, Any]:
        """Logical id to the unevaluated resource, for the resources that are created."""
        return {name: it for name, it in self._template["Resources"].items() if self.is_true(it.get("Condition"))}

    def reference(self, name: str) -> Any:
        """The ARN for types whose `Ref` is the ARN, else the name."""
        kind = self._template["Resources"][name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self._name(name)}"
        if kind in REF_IS_THE_ARN:
            return self._arn(name)
        return self._qualified(name) or self._name(name)

    def attribute(self, name: str, attribute: str) -> Any:
        """The ARN or the name; for other attributes, a placeholder."""
        if attribute in ("Arn", "QueueArn"):
            return self._qualified(name) or self._arn(name)
        if attribute.endswith("Name") and "Domain" not in attribute or attribute == "Name":
            return self._name(name)
        return f"{self._name(name)}-{attribute.lower()}"

    def _qualified(self, name: str) -> str | None:
        """The ARN of a version or an alias: the ARN of its function or state machine, and a qualifier."""
        resource = self._template["Resources"][name]
        properties, kind = resource.get("Properties", {}), resource["Type"]
        if kind == "AWS::Lambda::Version":
            return f"{self._arn(properties['FunctionName']['Ref'])}:7"
        if kind == "AWS::StepFunctions::StateMachineVersion":
            return f"{self._value(properties['StateMachineArn'])}:7"
        if kind == "AWS::StepFunctions::StateMachineAlias":
            machine = next(it for it, made in self._template["Resources"].items() if made["Type"] == _MACHINE)
            return f"{self._arn(machine)}:{self._name(name)}"
        return None

    def _arn(self, name: str) -> str:
        pattern = ARNS[self._template["Resources"][name]["Type"]]
        return "arn:aws:" + pattern.format(region=REGION, account=ACCOUNT, name=self._name(name))

    def _name(self, name: str) -> str:
        properties, kind = self._template["Resources"][name].get("Properties", {}), self._template["Resources"][name]["Type"]
        if kind in NAMED_BY_AWS:
            return f"x{zlib.crc32(name.encode()):08x}"
        given = next((properties[it] for it in NAMES if it in properties), None)
        if given is not None:
            return str(self._value(given))
        made = f"{STACK}-{name}-1A2B3C4D5E6F"
        return made.lower() if kind == "AWS::S3::Bucket" else made


_MACHINE = "AWS::StepFunctions::StateMachine"
