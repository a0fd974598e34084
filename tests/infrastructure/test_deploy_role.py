"""What must be refused to the role that GitHub deploys with, and to a function of its stack that an attacker controls.

iam-simulate decides, offline. `make aws-check` (`deploy-role`) checks the opposite: that the role allows what a
deployment needs, and nothing else.
"""

import json

from iam import ACCOUNT, BY_CLOUDFORMATION, REGION, Call, DeployRole

ROLE = DeployRole("dev")
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
OWN_ROLE = f"{ROLES}darkroom-dev-ResizeFunctionRole-1A2B"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
XRAY = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"
WITH_BOUNDARY = {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ROLE.boundary}
CODE = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1a2b"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/"
OTHER_STACK = {**BY_CLOUDFORMATION, "aws:ResourceTag/aws:cloudformation:stack-name": "darkroom-prod"}
OWN_STACK = {**BY_CLOUDFORMATION, "aws:ResourceTag/aws:cloudformation:stack-name": "darkroom-dev"}


def of(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


ESCALATIONS = {
    "make a role without a boundary": Call("iam:CreateRole", OWN_ROLE, BY_CLOUDFORMATION),
    "make a role with another boundary": Call(
        "iam:CreateRole", OWN_ROLE, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ADMINISTRATOR}
    ),
    "make a role with prod's boundary": Call(
        "iam:CreateRole", OWN_ROLE, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ROLE.boundary.replace("-dev-", "-prod-")}
    ),
    "make a role of another name": Call("iam:CreateRole", f"{ROLES}admin", WITH_BOUNDARY),
    "make a role of prod": Call("iam:CreateRole", f"{ROLES}darkroom-prod-x", WITH_BOUNDARY),
    "make a role behind the stack's back": Call("iam:CreateRole", OWN_ROLE, {"iam:PermissionsBoundary": ROLE.boundary}),
    "give rights to a role without a boundary": Call("iam:PutRolePolicy", OWN_ROLE, BY_CLOUDFORMATION),
    "give rights to itself": Call("iam:PutRolePolicy", f"{ROLES}darkroom-deploy-dev", WITH_BOUNDARY),
    "attach a policy to itself": Call(
        "iam:AttachRolePolicy", f"{ROLES}darkroom-deploy-dev", {**WITH_BOUNDARY, "iam:PolicyARN": XRAY}
    ),
    "attach AdministratorAccess": Call("iam:AttachRolePolicy", OWN_ROLE, {**WITH_BOUNDARY, "iam:PolicyARN": ADMINISTRATOR}),
    "attach what writes any log": Call("iam:AttachRolePolicy", OWN_ROLE, {**WITH_BOUNDARY, "iam:PolicyARN": BASIC}),
    "attach a policy of the account": Call(
        "iam:AttachRolePolicy", OWN_ROLE, {**WITH_BOUNDARY, "iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/AWSXrayWriteOnlyAccess"}
    ),
    "attach to a role without a boundary": Call(
        "iam:AttachRolePolicy", OWN_ROLE, {**BY_CLOUDFORMATION, "iam:PolicyARN": XRAY}
    ),
    "take a boundary away": Call("iam:DeleteRolePermissionsBoundary", OWN_ROLE, WITH_BOUNDARY),
    "exchange a boundary": Call(
        "iam:PutRolePermissionsBoundary", OWN_ROLE, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ADMINISTRATOR}
    ),
    "widen the boundary": Call("iam:CreatePolicyVersion", ROLE.boundary, BY_CLOUDFORMATION),
    "go back to a wider boundary": Call("iam:SetDefaultPolicyVersion", ROLE.boundary, BY_CLOUDFORMATION),
    "delete the boundary": Call("iam:DeletePolicy", ROLE.boundary, BY_CLOUDFORMATION),
    "make a policy": Call("iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/darkroom-dev-x", BY_CLOUDFORMATION),
    "open its own trust": Call("iam:UpdateAssumeRolePolicy", f"{ROLES}darkroom-deploy-dev", BY_CLOUDFORMATION),
    "open an administrator's trust": Call("iam:UpdateAssumeRolePolicy", f"{ROLES}admin", BY_CLOUDFORMATION),
    "give a function an administrator's role": Call(
        "iam:PassRole", f"{ROLES}admin", {**BY_CLOUDFORMATION, "iam:PassedToService": "lambda.amazonaws.com"}
    ),
    "give a function prod's deploy role": Call(
        "iam:PassRole", f"{ROLES}darkroom-deploy-prod", {**BY_CLOUDFORMATION, "iam:PassedToService": "lambda.amazonaws.com"}
    ),
    "give a machine a role": Call("iam:PassRole", OWN_ROLE, {**BY_CLOUDFORMATION, "iam:PassedToService": "ec2.amazonaws.com"}),
    "give CloudFormation a role": Call("iam:PassRole", OWN_ROLE, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
    "pass a role behind the stack's back": Call("iam:PassRole", OWN_ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
    "make a user": Call("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x", BY_CLOUDFORMATION),
    "make a key for a user": Call("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/admin", BY_CLOUDFORMATION),
    "give a user rights": Call("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/x", BY_CLOUDFORMATION),
    "trust another issuer of tokens": Call(
        "iam:CreateOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x", BY_CLOUDFORMATION
    ),
    "take another role": Call("sts:AssumeRole", f"{ROLES}admin", BY_CLOUDFORMATION),
    "change its own stack": Call("cloudformation:CreateChangeSet", f"{STACK}darkroom-deploy-dev/0a"),
    "change prod's stack": Call("cloudformation:CreateChangeSet", f"{STACK}darkroom-prod/0a"),
    "change SAM's stack": Call("cloudformation:CreateChangeSet", f"{STACK}aws-sam-cli-managed-default/0a"),
    "make another stack": Call("cloudformation:CreateStack", f"{STACK}x/0a", BY_CLOUDFORMATION),
    "make a type of resource": Call("cloudformation:RegisterType", "*"),
    "run a macro": Call("cloudformation:CreateChangeSet", of("cloudformation", "transform/Macro")),
    "replace another stack's code": Call("s3:PutObject", f"{CODE}/darkroom-prod/0123"),
    "replace code of an unnamed stack": Call("s3:PutObject", f"{CODE}/0123"),
    "open the bucket for code": Call("s3:PutBucketPolicy", CODE, BY_CLOUDFORMATION),
    "open another bucket": Call("s3:PutBucketPolicy", "arn:aws:s3:::payroll", BY_CLOUDFORMATION),
    "open prod's bucket": Call("s3:PutBucketPolicy", "arn:aws:s3:::darkroom-prod-sourcebucket-1a", BY_CLOUDFORMATION),
    "read pictures": Call("s3:GetObject", "arn:aws:s3:::darkroom-dev-sourcebucket-1a/a.jpg", BY_CLOUDFORMATION),
    "read another bucket": Call("s3:GetObject", "arn:aws:s3:::payroll/a", BY_CLOUDFORMATION),
    "change another function": Call("lambda:UpdateFunctionCode", of("lambda", "function:billing"), BY_CLOUDFORMATION),
    "change prod's function": Call(
        "lambda:UpdateFunctionCode", of("lambda", "function:darkroom-prod-ResizeFunction-1A"), BY_CLOUDFORMATION
    ),
    "change a function behind the stack's back": Call(
        "lambda:UpdateFunctionCode", of("lambda", "function:darkroom-dev-ResizeFunction-1A")
    ),
    "call a function": Call("lambda:InvokeFunction", of("lambda", "function:darkroom-dev-ResizeFunction-1A")),
    "let the world call another function": Call("lambda:AddPermission", of("lambda", "function:billing"), BY_CLOUDFORMATION),
    "change another workflow": Call("states:UpdateStateMachine", of("states", "stateMachine:billing"), BY_CLOUDFORMATION),
    "start an execution": Call("states:StartExecution", of("states", "stateMachine:darkroom-dev-image-pipeline")),
    "aim another rule": Call("events:PutTargets", of("events", "rule/billing"), BY_CLOUDFORMATION),
    "read records": Call("dynamodb:Scan", of("dynamodb", "table/darkroom-dev-RecordTable-1A"), BY_CLOUDFORMATION),
    "delete prod's table": Call("dynamodb:DeleteTable", of("dynamodb", "table/darkroom-prod-RecordTable-1A"), BY_CLOUDFORMATION),
    "read a queue": Call("sqs:ReceiveMessage", of("sqs", "darkroom-dev-DeadLetterQueue-1A"), BY_CLOUDFORMATION),
    "delete another's logs": Call("logs:DeleteLogGroup", of("logs", "log-group:/aws/lambda/billing"), BY_CLOUDFORMATION),
    "read another's logs": Call("logs:GetLogEvents", of("logs", "log-group:/aws/lambda/billing:log-stream:x"), BY_CLOUDFORMATION),
    "change prod's API": Call("apigateway:PUT", f"arn:aws:apigateway:{REGION}::/restapis/a1", OTHER_STACK),
    "read prod's API key": Call("apigateway:GET", f"arn:aws:apigateway:{REGION}::/apikeys/a1", OTHER_STACK),
    "change the account's API logs": Call("apigateway:PATCH", f"arn:aws:apigateway:{REGION}::/account", BY_CLOUDFORMATION),
    "change another stack's CDN": Call(
        "cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", OTHER_STACK
    ),
    "change another stack's users": Call("cognito-idp:UpdateUserPool", of("cognito-idp", "userpool/x"), OTHER_STACK),
    "add a user": Call("cognito-idp:AdminCreateUser", of("cognito-idp", "userpool/x"), OWN_STACK),
    "start a machine": Call("ec2:RunInstances", of("ec2", "instance/*"), BY_CLOUDFORMATION),
    "read a secret": Call("secretsmanager:GetSecretValue", of("secretsmanager", "secret:x"), BY_CLOUDFORMATION),
    "run a build": Call("codebuild:StartBuild", of("codebuild", "project/x"), BY_CLOUDFORMATION),
}  # fmt: skip

# Calls of a function that has the boundary, and AdministratorAccess as its policy.
WITH_A_TAKEN_OVER_ROLE = {
    "make a role": Call("iam:CreateRole", f"{ROLES}x"),
    "give itself rights": Call("iam:PutRolePolicy", OWN_ROLE),
    "take its boundary away": Call("iam:DeleteRolePermissionsBoundary", OWN_ROLE),
    "take another role": Call("sts:AssumeRole", f"{ROLES}admin"),
    "pass a role": Call("iam:PassRole", f"{ROLES}admin"),
    "read another bucket": Call("s3:GetObject", "arn:aws:s3:::payroll/a"),
    "read prod's pictures": Call("s3:GetObject", "arn:aws:s3:::darkroom-prod-sourcebucket-1a/a.jpg"),
    "replace code": Call("s3:PutObject", f"{CODE}/darkroom-dev/0123"),
    "open a bucket": Call("s3:PutBucketPolicy", "arn:aws:s3:::darkroom-dev-sourcebucket-1a"),
    "read another table": Call("dynamodb:GetItem", of("dynamodb", "table/billing")),
    "read all records": Call("dynamodb:Scan", of("dynamodb", "table/darkroom-dev-RecordTable-1A")),
    "change a function": Call("lambda:UpdateFunctionCode", of("lambda", "function:darkroom-dev-ResizeFunction-1A")),
    "call another function": Call("lambda:InvokeFunction", of("lambda", "function:billing")),
    "start another workflow": Call("states:StartExecution", of("states", "stateMachine:billing")),
    "read logs": Call("logs:GetLogEvents", of("logs", "log-group:/aws/lambda/darkroom-dev-resize:log-stream:x")),
    "write another's logs": Call("logs:PutLogEvents", of("logs", "log-group:/aws/lambda/billing:log-stream:x")),
    "change the stack": Call("cloudformation:CreateChangeSet", f"{STACK}darkroom-dev/0a"),
    "change the CDN": Call("cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
    "read a secret": Call("secretsmanager:GetSecretValue", of("secretsmanager", "secret:x")),
    "start a machine": Call("ec2:RunInstances", of("ec2", "instance/*")),
}


def test_the_role_cannot_act_outside_its_stack():
    assert len(ESCALATIONS) >= 60
    refused = ROLE.refused(list(ESCALATIONS.values()))
    assert [name for name, call in ESCALATIONS.items() if call not in refused] == []


def test_a_role_with_the_boundary_cannot_act_outside_the_stage():
    refused = ROLE.refused_within_the_boundary(list(WITH_A_TAKEN_OVER_ROLE.values()))
    assert [name for name, call in WITH_A_TAKEN_OVER_ROLE.items() if call not in refused] == []


def test_the_role_of_a_stage_cannot_act_in_another_stage():
    for stage in ("staging", "prod"):
        other = DeployRole(stage)
        assert other.boundary != ROLE.boundary
        assert other.refused([Call("iam:CreateRole", OWN_ROLE, WITH_BOUNDARY)])


def test_only_the_deployment_of_main_in_the_stages_environment_may_assume_the_role():
    (statement,) = ROLE.trust["Statement"]
    keys = {name.split(":")[-1]: value for name, value in statement["Condition"]["StringEquals"].items()}
    assert keys == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:owner/name:environment:dev",
        "ref": "refs/heads/main",
        "job_workflow_ref": "owner/name/.github/workflows/deploy.yml@refs/heads/main",
    }
    assert statement["Condition"].keys() == {"StringEquals"}


def test_the_policies_are_within_the_length_that_iam_accepts():
    def length(document):
        return len(json.dumps(document, separators=(",", ":")))

    longest = DeployRole("staging")
    assert sum(map(length, longest.inline)) <= 10_240
    assert len(longest.managed) == 2
    assert max(map(length, [*longest.managed, longest.boundary_document])) <= 6_144
