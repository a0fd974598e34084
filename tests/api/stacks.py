"""The stacks that the tests deploy on the local cloud of the default stack, from the same build."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from darkroom_local.clients import client_at
from darkroom_local.layout import Instance

# The origin of the pages of docs/frontend.md. A resolver rule of the browser maps it to the test's port.
PAGES = "http://pages.example"

# The template's parameters of each stack. Together, the stacks have every value of every choice of the API.
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
# A stack with an existing pool, whose ARN is known only at run time.
OTHER_POOL = "darkroom-other-pool"


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    outputs: dict[str, str]

    @classmethod
    def read(cls, instance: Instance, name: str) -> Stack:
        """Reads the outputs of a deployed stack."""
        return cls(name, json.loads(instance.outputs_file_of(name).read_text(encoding="utf-8")))

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client for the stack's cloud."""
        return client_at(self.outputs, service, **credentials)

    def user(self, *statements: dict[str, str]) -> tuple[str, str]:
        """Creates an IAM user with these statements. Returns the key and the secret."""
        iam, name = self.client("iam"), f"user-{uuid.uuid4()}"
        iam.create_user(UserName=name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_user_policy(UserName=name, PolicyName="Tested", PolicyDocument=document)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    def sources(self) -> set[str]:
        """The keys in the source bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.outputs["SourceBucketName"])
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def executions(self) -> list[Any]:
        """The executions, newest first."""
        pages = self.client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self.outputs["StateMachineArn"])
        return [execution for page in found for execution in page["executions"]]
