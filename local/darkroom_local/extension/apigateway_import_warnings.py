"""With FailOnWarnings, CloudFormation refuses a body that API Gateway's importer would warn of.

MiniStack accepts every body.
<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html#cfn-apigateway-restapi-failonwarnings>
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners

from ..importer_warnings import warnings
from . import patching


def install() -> None:
    """Checks REST APIs before they are created or updated."""
    patching.around_resource(provisioners, "AWS::ApiGateway::RestApi", before=_refuse_warnings)


def _refuse_warnings(properties: dict[str, Any]) -> None:
    if str(properties.get("FailOnWarnings")).lower() != "true":
        return
    if found := list(warnings(properties.get("Body") or {})):
        lines = (f"\t{'/'.join(path)}: {problem}" for path, problem in found)
        raise ValueError("Warnings found during import:\n" + "\n".join(lines))
