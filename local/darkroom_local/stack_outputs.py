"""Prints the outputs of a stack, with the API's URL on this machine and an API key.

`python -m darkroom_local.stack_outputs STACK`: a program of its own because it needs boto3, which only the cloud's
Python environment has. It calls the cloud that AWS's environment variables name.
"""

from __future__ import annotations

import json
import os
import sys

import boto3


def outputs_of(stack_name: str) -> dict[str, str]:
    """The outputs of the template, and the value of the API key, which a template cannot output."""
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if "ApiUrl" in outputs:
        base = f"{os.environ['AWS_ENDPOINT_URL']}/restapis/{outputs['ApiId']}"
        outputs["ApiUrl"] = f"{base}/{outputs['ApiStage']}/_user_request_"
    if "ApiKeyId" in outputs:
        key = boto3.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
        outputs["ApiKey"] = key["value"]
    return outputs


if __name__ == "__main__":
    print(json.dumps(outputs_of(sys.argv[1])))
