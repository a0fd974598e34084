"""Finds the resources that CloudFormation would replace if a parameter is changed on a live stack.

A create-only property of the registry's schema cannot be changed in place: the resource is replaced. replacements.yaml
lists each such pair of parameter and property, with the reason why nothing is lost. A resource that stores pictures,
records or users must never be replaced. Neither must a resource whose name would stay the same: CloudFormation refuses
that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from .. import sources
from ..places import TEMPLATE, place, place_of_resource
from ..report import Check, Findings
from ..resolved import Named

KNOWN_FILE = Path(__file__).parents[1] / "replacements.yaml"
STORES_DATA = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"}
# The properties with names. Two resources of a type cannot have the same name.
NAMES = ("Name", "LogGroupName", "StateMachineName", "QueueName", "TopicName", "RoleName", "AlarmName", "DashboardName")
MACHINE = "AWS::StepFunctions::StateMachine"
# A second value for parameters that the tests deploy with one value only.
SAMPLES = {
    "AlarmEmail": "a@example.com",
    "ApiBurstLimit": "20",
    "ApiMonthlyQuota": "20",
    "ApiRateLimit": "20",
    "DefaultProfile": "proxies",
    "DeliveryAllowOrigin": "https://a.example",
    "EventBusName": "pictures",
    "Profiles": '{"a": {}}',
    "Release": "second",
    "RolloutMinutes": "20",
    "RolloutPercent": "20",
    "SlowAfterMilliseconds": "20000",
    "SupersededRetentionDays": "20",
}

def run() -> Findings:
    """Changes every parameter to other values, starting from sets of parameters that together create all resources."""
    findings, found = Findings(), {}
    for parameter, resource, path in _replaced(findings):
        found[parameter, f"{resource}.{path}"] = resource
    known = yaml.safe_load(KNOWN_FILE.read_text(encoding="utf-8"))
    reasons = {(parameter, pair): it for parameter, pairs in known.items() for pair, it in pairs.items()}
    for (parameter, pair), resource in found.items():
        if (parameter, pair) not in reasons:
            findings.add(place_of_resource(resource), f"{parameter} changes the create-only {pair}: the resource is replaced")
    for parameter, pair in reasons.keys() - found.keys():
        findings.add(place(KNOWN_FILE, [parameter, pair]), f"{parameter} does not change {pair}: remove the line")
    findings.looked_at = f"{len(sources.template()['Parameters'])} parameters, {len(found)} replacements"
    return findings


def _replaced(findings: Findings) -> Iterator[tuple[str, str, str]]:
    for base in _bases():
        transformed = sources.transformed(base)
        before = _create_only(Named(transformed, sources.values(base)))
        for parameter in sources.template()["Parameters"]:
            for value in _values(parameter, base.get(parameter)):
                after = _create_only(Named(transformed, sources.values(base | {parameter: value})))
                for resource in before.keys() & after.keys():
                    old, new = before[resource], after[resource]
                    changed = [path for path in old["create_only"] if old["create_only"][path] != new["create_only"][path]]
                    _refused(parameter, resource, old, new, changed, findings)
                    for path in changed:
                        yield parameter, resource, path


def _refused(parameter: str, resource: str, old: dict[str, Any], new: dict[str, Any], changed: list[str],
             findings: Findings) -> None:
    where = place_of_resource(resource)
    if changed and old["type"] in STORES_DATA:
        findings.add(where, f"{parameter} replaces {resource}, which stores data: {', '.join(changed)}")
    if changed and old["name"] is not None and old["name"] == new["name"]:
        findings.add(where, f"{parameter} replaces {resource}, whose name stays {old['name']}: CloudFormation refuses")
    # An alias cannot move to another state machine. No schema says that.
    if old["machine"] != new["machine"] and not changed:
        findings.add(where, f"{parameter} moves the alias {resource} to another state machine, which Step Functions refuses")


def _create_only(stack: Named) -> dict[str, dict[str, Any]]:
    """For each created resource: its create-only properties, its name, and for an alias the state machines."""
    found, machines = {}, {}
    for name, resource in stack.made().items():
        properties, kind = resource.get("Properties", {}), resource["Type"]
        paths = {it: _value_at(properties, it.split("/")) for it in _paths(kind)}
        given = next((properties[it] for it in NAMES if it in properties), None)
        found[name] = {
            "type": kind,
            "create_only": {it.replace("/", "."): _text(stack.value(value)) for it, value in paths.items()},
            "name": None if given is None else stack.value(given),
            "machine": None,
        }
        if kind == MACHINE:
            machines[name] = stack.attribute(name, "Arn")
    for it in found.values():
        if it["type"] == "AWS::StepFunctions::StateMachineAlias":
            it["machine"] = machines
    return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _value_at(node: Any, path: list[str]) -> Any:
    for step in path:
        if not isinstance(node, dict) or step not in node:
            # A function above the property may change it, so the whole function counts.
            return node if isinstance(node, dict) and any(it.startswith("Fn::") for it in node) else None
        node = node[step]
    return node


@cache
def _paths(kind: str) -> tuple[str, ...]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(sources.REGION, kind).schema
    return tuple(it.removeprefix("/properties/") for it in schema.get("createOnlyProperties", []))


def _values(parameter: str, now: str | None) -> list[str]:
    """The values of a parameter other than the current one."""
    declared = sources.template()["Parameters"][parameter]
    now = str(declared.get("Default", "")) if now is None else now
    values = [str(it) for it in declared.get("AllowedValues", [])]
    values += [it[parameter] for it in sources.deployed_parameters().values() if parameter in it]
    values += [SAMPLES[parameter]] if parameter in SAMPLES else []
    values += [str(declared.get("Default", ""))]
    others = [it for it in dict.fromkeys(values) if it != now]
    # One other number is enough.
    return others[:1] if declared["Type"] == "Number" else others


def _bases() -> list[dict[str, str]]:
    """Sets of parameters that together create all resources."""
    sets = list(sources.deployed_parameters().values())
    most: list[dict[str, str]] = [{}]
    for wanted in (
        {"Delivery": "CloudFront", "DeliveryPublicKeyA": None, "DeliveryPublicKeyB": None},
        {"Authorization": "Cognito", "Intake": "queue"},
        {"Authorization": "Iam"},
        {"WorkflowType": "EXPRESS"},
        {"Release": None},
    ):
        fits = [it for it in sets if all(name in it and value in (None, it[name]) for name, value in wanted.items())]
        if not fits:
            raise LookupError(f"no test deploys {wanted} any more: {place(TEMPLATE)}")
        most.append(fits[0])
    return most


CHECK = Check("replacements", "registry schemas", run)
