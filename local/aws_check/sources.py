"""The template as CloudFormation processes it: with included files, and transformed by the translator that AWS runs."""

from __future__ import annotations

import copy
import json
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

from . import parameter_sets
from .parameter_sets import Parameters
from .places import REPOSITORY, TEMPLATE

# The location that `sam deploy` writes instead of local files.
UPLOADED = "s3://aws-sam-cli-managed-default/uploaded"
REGION = "eu-central-1"
Template = dict[str, Any]


def read_yaml(file: Path) -> Any:
    """Reads a YAML file into plain values, with short forms such as `!Ref` in their long form."""
    return json.loads(json.dumps(yaml_parse(file.read_text(encoding="utf-8"))))


@cache
def template() -> Template:
    """`template.yaml`, unchanged."""
    return read_yaml(TEMPLATE)


def deployed_parameters() -> dict[str, Parameters]:
    """The sets of parameters that a stage or a test deploys."""
    return parameter_sets.parameter_sets(tuple(template()["Parameters"]))


@cache
def api_file() -> Path:
    """The file that `AWS::Include` inserts into the API."""
    (location,) = {
        resource["Properties"]["DefinitionBody"]["Fn::Transform"]["Parameters"]["Location"]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Api"
    }
    return REPOSITORY / location


def values(parameters: Parameters) -> dict[str, Any]:
    """The values of all parameters, including defaults, with CloudFormation's types."""
    declared = template()["Parameters"]
    if unknown := parameters.keys() - declared.keys():
        raise ValueError(f"template.yaml has no parameters {', '.join(sorted(unknown))}")
    given = {name: str(parameters.get(name, it.get("Default", ""))) for name, it in declared.items()}
    lists = {name for name, it in declared.items() if it["Type"] == "CommaDelimitedList"}
    return {name: value.split(",") if name in lists else value for name, value in given.items()}


def transformed(parameters: Parameters) -> Template:
    """The template after `AWS::Include` and `AWS::Serverless-2016-10-31`, for these parameters."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # Results are cached as text, because callers may change them.
    return json.loads(_transformed(tuple(sorted(parameters.items()))))


@cache
def _transformed(parameters: tuple[tuple[str, str], ...]) -> str:
    source = copy.deepcopy(template())
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = UPLOADED
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            properties["DefinitionUri"] = UPLOADED
        elif resource["Type"] == "AWS::Serverless::Api":
            properties["DefinitionBody"] = yaml.safe_load(api_file().read_text(encoding="utf-8"))
    source.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    given = {name: ",".join(it) if isinstance(it, list) else it for name, it in values(dict(parameters)).items()}
    return json.dumps(transform(source, given, _NoManagedPolicies()))


class _NoManagedPolicies:
    """SAM loads the names of managed policies from AWS. The template needs none: it names policies by ARN."""

    def load(self) -> dict[str, str]:
        return {}
