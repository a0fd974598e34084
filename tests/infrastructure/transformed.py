"""The template as CloudFormation has it after SAM's transform."""

import boto3
import yaml
from cloudformation import REPOSITORY
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ELSEWHERE = "s3://bucket/key"


def transformed():
    """Its resources, by logical id."""
    template = yaml_parse((REPOSITORY / "template.yaml").read_text(encoding="utf-8"))
    template["Globals"]["Function"]["CodeUri"] = ELSEWHERE
    made = template["Resources"]
    made["ImagePipeline"]["Properties"]["DefinitionUri"] = ELSEWHERE
    body = (REPOSITORY / "api" / "deployed.yaml").read_text(encoding="utf-8")
    made["Api"]["Properties"]["DefinitionBody"] = yaml.safe_load(body)
    session = boto3.Session(region_name="us-east-1")
    return Translator({}, Parser(), boto_session=session).translate(template, {})["Resources"]
