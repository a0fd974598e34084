"""The template as CloudFormation will have it: files included, then transformed by the translator that AWS runs."""

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

# What `sam deploy` puts in place of local files.
UPLOADED = "s3://aws-sam-cli-managed-default/uploaded"
REGION = "eu-central-1"
Template = dict[str, Any]


def read_yaml(file: Path) -> Any:
    """A file of plain values, short forms such as `!Ref` in their long form."""
    return json.loads(json.dumps(yaml_parse(file.read_text(encoding="utf-8"))))


@cache
def template() -> Template:
    """`template.yaml` as it is written."""
    return read_yaml(TEMPLATE)


def deployed_sets() -> dict[str, Parameters]:
    """Every set of parameters that a stage or a test deploys."""
    return parameter_sets.parameter_sets(tuple(template()["Parameters"]))


@cache
def api_file() -> Path:
    """What `AWS::Include` puts into the API."""
    (location,) = {
        resource["Properties"]["DefinitionBody"]["Fn::Transform"]["Parameters"]["Location"]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Api"
    }
    return REPOSITORY / location


def values(parameters: Parameters) -> dict[str, Any]:
    """Every parameter's value, the defaults included, as CloudFormation types them."""
    declared = template()["Parameters"]
    if unknown := parameters.keys() - declared.keys():
        raise ValueError(f"no parameters of template.yaml: {', '.join(sorted(unknown))}")
    given = {name: str(parameters.get(name, it.get("Default", ""))) for name, it in declared.items()}
    lists = {name for name, it in declared.items() if it["Type"] == "CommaDelimitedList"}
    return {name: value.split(",") if name in lists else value for name, value in given.items()}


def transformed(parameters: Parameters) -> Template:
    """After `AWS::Include` and `AWS::Serverless-2016-10-31`, for these parameters."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # The same parameters come more than once, and the translator changes what it is given.
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
    """SAM asks AWS for the names of managed policies; the template names them by ARN."""

    def load(self) -> dict[str, str]:
        return {}
