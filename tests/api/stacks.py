"""The stacks that the tests deploy beside the usual one, on the same local cloud and from the same build."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from darkroom_local.clients import client_at
from darkroom_local.layout import Instance

# The origin of the pages of docs/frontend.md. A resolver rule of the browser maps it to the test's port.
PAGES = "http://pages.example"

# What each sets of the template's parameters. Between them, every value of every choice that the API has.
PARAMETERS: dict[str, dict[str, str]] = {
    "darkroom-local": {},
    "darkroom-cognito": {
        "Authorization": "Cognito",
        "Intake": "queue",
        "CorsOrigins": f"https://a.example,{PAGES}",
    },
    "darkroom-iam": {
        "Authorization": "Iam",
        "AcceptedTypes": "image/jpeg,image/png",
        "ApiLogRole": "existing",
        "CorsOrigins": "https://a.example,http://localhost:8080",
        "Stage": "prod",
    },
}
# A pool that is there already: its ARN is known only then.
OTHER_POOL = "darkroom-other-pool"


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    outputs: dict[str, str]

    @classmethod
    def read(cls, instance: Instance, name: str) -> Stack:
        """A deployed stack, from the outputs that its deployment wrote."""
        return cls(name, json.loads(instance.outputs_file_of(name).read_text(encoding="utf-8")))

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client that speaks to the stack's cloud."""
        return client_at(self.outputs, service, **credentials)

    def user(self, *statements: dict[str, str]) -> tuple[str, str]:
        """Makes an IAM user who may do that; key and secret. The root user may do everything."""
        iam, name = self.client("iam"), f"user-{uuid.uuid4()}"
        iam.create_user(UserName=name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_user_policy(UserName=name, PolicyName="Tested", PolicyDocument=document)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    def sources(self) -> set[str]:
        """Every key in the source bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.outputs["SourceBucketName"])
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def executions(self) -> list[Any]:
        """Every execution, newest first."""
        pages = self.client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self.outputs["StateMachineArn"])
        return [execution for page in found for execution in page["executions"]]
