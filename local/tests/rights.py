"""Creates roles, users and policies for the tests."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
from botocore.config import Config
from clouds import Cloud


def allow(action: str | list[str], resource: str, **more: Any) -> dict[str, Any]:
    """A policy statement that allows an action."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(cloud: Cloud, service: str, *statements: dict[str, Any], **more: str) -> str:
    """Creates a role that a service may assume, and returns its ARN."""
    iam, name = cloud.client("iam"), f"role-{uuid.uuid4()}"
    trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="Tested", PolicyDocument=policy(*statements))
    return made["Arn"]


def let_rules_send(cloud: Cloud, queue_url: str) -> None:
    """Allows rules to send to a queue."""
    sends = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    document = policy({**sends, "Resource": queue_arn(cloud, queue_url)})
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": document})


def queue_arn(cloud: Cloud, queue_url: str) -> str:
    """The ARN of a queue."""
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return attributes["Attributes"]["QueueArn"]


def user(cloud: Cloud, service: str, *statements: dict[str, Any]) -> Any:
    """A client with the credentials of a new IAM user who has only these rights."""
    iam, name = cloud.client("iam"), f"user-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="Tested", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        service,
        endpoint_url=cloud.instance.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(signature_version="s3v4" if service == "s3" else None, s3={"addressing_style": "path"}),
    )
