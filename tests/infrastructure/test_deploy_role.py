"""The role that GitHub deploys with: what it must be able to do, and how it could try to get further.

Asked of iam-simulate, offline. What a resource handler of CloudFormation does stands in the registry's schemas, which
come with cfn-lint; how a call is named and what it is about, in IAM's own reference.
"""

import fnmatch
import json
import subprocess

import pytest
from cloudformation import REPOSITORY, listed
from iam import ACCOUNT, BY_CLOUDFORMATION, INSTALLED, REGION, Call, DeployRole
from transformed import transformed

ROLE = DeployRole("dev")
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
OURS = f"{ROLES}darkroom-dev-ResizeFunctionRole-1A2B"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
XRAY = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"
BOUNDED = {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ROLE.boundary}
CODE = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1a2b"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/"
OF_ANOTHER_STACK = {**BY_CLOUDFORMATION, "aws:ResourceTag/aws:cloudformation:stack-name": "darkroom-prod"}
OF_OURS = {**BY_CLOUDFORMATION, "aws:ResourceTag/aws:cloudformation:stack-name": "darkroom-dev"}


def of(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


# ── What is tried with the role ─────────────────────────────────────────────────────────────────────────────────────

ESCALATIONS = {
    "make a role without a boundary": Call("iam:CreateRole", OURS, BY_CLOUDFORMATION),
    "make a role with another boundary": Call(
        "iam:CreateRole", OURS, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ADMINISTRATOR}
    ),
    "make a role with prod's boundary": Call(
        "iam:CreateRole", OURS, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ROLE.boundary.replace("-dev-", "-prod-")}
    ),
    "make a role of another name": Call("iam:CreateRole", f"{ROLES}admin", BOUNDED),
    "make a role of prod": Call("iam:CreateRole", f"{ROLES}darkroom-prod-x", BOUNDED),
    "make a role behind the stack's back": Call("iam:CreateRole", OURS, {"iam:PermissionsBoundary": ROLE.boundary}),
    "give rights to a role without a boundary": Call("iam:PutRolePolicy", OURS, BY_CLOUDFORMATION),
    "give rights to itself": Call("iam:PutRolePolicy", f"{ROLES}darkroom-deploy-dev", BOUNDED),
    "attach a policy to itself": Call(
        "iam:AttachRolePolicy", f"{ROLES}darkroom-deploy-dev", {**BOUNDED, "iam:PolicyARN": XRAY}
    ),
    "attach AdministratorAccess": Call("iam:AttachRolePolicy", OURS, {**BOUNDED, "iam:PolicyARN": ADMINISTRATOR}),
    "attach what writes any log": Call("iam:AttachRolePolicy", OURS, {**BOUNDED, "iam:PolicyARN": BASIC}),
    "attach a policy of the account": Call(
        "iam:AttachRolePolicy", OURS, {**BOUNDED, "iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/AWSXrayWriteOnlyAccess"}
    ),
    "attach to a role without a boundary": Call(
        "iam:AttachRolePolicy", OURS, {**BY_CLOUDFORMATION, "iam:PolicyARN": XRAY}
    ),
    "take a boundary away": Call("iam:DeleteRolePermissionsBoundary", OURS, BOUNDED),
    "exchange a boundary": Call(
        "iam:PutRolePermissionsBoundary", OURS, {**BY_CLOUDFORMATION, "iam:PermissionsBoundary": ADMINISTRATOR}
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
    "give a machine a role": Call("iam:PassRole", OURS, {**BY_CLOUDFORMATION, "iam:PassedToService": "ec2.amazonaws.com"}),
    "give CloudFormation a role": Call("iam:PassRole", OURS, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
    "pass a role behind the stack's back": Call("iam:PassRole", OURS, {"iam:PassedToService": "lambda.amazonaws.com"}),
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
    "replace anybody's code": Call("s3:PutObject", f"{CODE}/0123"),
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
    "change prod's API": Call("apigateway:PUT", f"arn:aws:apigateway:{REGION}::/restapis/a1", OF_ANOTHER_STACK),
    "read prod's API key": Call("apigateway:GET", f"arn:aws:apigateway:{REGION}::/apikeys/a1", OF_ANOTHER_STACK),
    "change the account's API logs": Call("apigateway:PATCH", f"arn:aws:apigateway:{REGION}::/account", BY_CLOUDFORMATION),
    "change another stack's CDN": Call(
        "cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", OF_ANOTHER_STACK
    ),
    "change another stack's users": Call("cognito-idp:UpdateUserPool", of("cognito-idp", "userpool/x"), OF_ANOTHER_STACK),
    "add a user": Call("cognito-idp:AdminCreateUser", of("cognito-idp", "userpool/x"), OF_OURS),
    "start a machine": Call("ec2:RunInstances", of("ec2", "instance/*"), BY_CLOUDFORMATION),
    "read a secret": Call("secretsmanager:GetSecretValue", of("secretsmanager", "secret:x"), BY_CLOUDFORMATION),
    "run a build": Call("codebuild:StartBuild", of("codebuild", "project/x"), BY_CLOUDFORMATION),
}  # fmt: skip

# What a function can try that has the boundary, and AdministratorAccess beside it.
TAKEN_OVER = {
    "make a role": Call("iam:CreateRole", f"{ROLES}x"),
    "give itself rights": Call("iam:PutRolePolicy", OURS),
    "take its boundary away": Call("iam:DeleteRolePermissionsBoundary", OURS),
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


def test_the_role_gets_no_further_than_its_stack():
    assert len(ESCALATIONS) >= 60
    refused = ROLE.refused(list(ESCALATIONS.values()))
    assert [name for name, call in ESCALATIONS.items() if call not in refused] == []


def test_what_carries_the_boundary_gets_no_further_than_the_stage():
    refused = ROLE.refused_within_the_boundary(list(TAKEN_OVER.values()))
    assert [name for name, call in TAKEN_OVER.items() if call not in refused] == []


def test_each_stage_has_a_boundary_and_names_of_its_own():
    for stage in ("staging", "prod"):
        other = DeployRole(stage)
        assert other.boundary != ROLE.boundary
        assert other.refused([Call("iam:CreateRole", OURS, BOUNDED)])


# ── What a deployment needs ─────────────────────────────────────────────────────────────────────────────────────────

# What `sam deploy` asks for by itself, with the bucket that an administrator made.
BY_SAM = [
    Call("cloudformation:DescribeStacks", f"{STACK}aws-sam-cli-managed-default/0a"),
    *(Call(f"cloudformation:{it}", f"{STACK}darkroom-dev/0a") for it in (
        "CreateChangeSet", "DescribeChangeSet", "DescribeStackEvents", "DescribeStacks", "ExecuteChangeSet",
        "GetTemplateSummary", "TagResource",
    )),
    *(Call("cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{REGION}:aws:transform/{it}")
      for it in ("Include", "Serverless-2016-10-31")),
    Call("s3:PutObject", f"{CODE}/darkroom-dev/0123"),
    # To see whether it is there already; AWS::Include and Lambda read it, too.
    Call("s3:GetObject", f"{CODE}/darkroom-dev/0123"),
]  # fmt: skip

# What a handler would ask for with properties that the template does not set, or that it could do without.
NOT_NEEDED = {
    "kms:*": "no key of one's own",
    "kinesis:*": "no stream", "firehose:*": "no stream",
    "s3tables:*": "no table buckets", "s3files:*": "no file systems", "elasticfilesystem:*": "no file systems",
    "ec2:*": "no VPC",
    "iam:CreateServiceLinkedRole": "none of a service that needs one",
    "iam:DeleteRolePermissionsBoundary": "it must not",
    "cloudfront:*ConnectionGroup": "no tenants", "cloudfront:GetVpcOrigin": "no VPC",
    "cloudfront:CreateDistributionWithTags": "an operation: IAM asks for CreateDistribution and TagResource",
    "cloudfront:UpdateDistributionWithStagingConfig": "no staging distribution",
    "dynamodb:*Replica": "no global table", "dynamodb:ImportTable": "nothing imported",
    "dynamodb:DescribeImport": "nothing imported", "dynamodb:*Item": "nothing imported", "dynamodb:Query": "nothing imported",
    "dynamodb:Scan": "nothing imported", "dynamodb:*KinesisStreamingDestination": "no stream",
    "dynamodb:PutResourcePolicy": "no policy", "dynamodb:DeleteResourcePolicy": "no policy",
    "lambda:AssociateRuntimeAlias": "no such property", "lambda:*CodeSigningConfig": "code is not signed",
    "lambda:GetLayerVersion": "no layers", "lambda:PassCapacityProvider": "no capacity provider",
    "lambda:PutFunctionScalingConfig": "no capacity provider", "lambda:PutProvisionedConcurrencyConfig": "none provisioned",
    "logs:AssociateKmsKey": "no key of one's own", "logs:DisassociateKmsKey": "no key of one's own",
    "logs:*LogDelivery": "the state machine's role sets it up", "logs:ListLogDeliveries": "the same",
    "logs:PutResourcePolicy": "the same", "logs:DeleteResourcePolicy": "no such property",
    "logs:*DataProtectionPolicy": "no such property", "logs:*IndexPolicy": "no such property",
    "logs:PutBearerTokenAuthentication": "no such property", "logs:PutLogGroupDeletionProtection": "no such property",
    "s3:REST.PUT.OBJECT": "no action of IAM's", "s3:GetObjectMetadata": "no action of IAM's",
    "s3:*MetadataTableConfiguration": "no such property", "s3:UpdateBucketMetadata*": "no such property",
    "s3:DeleteObject": "no object is the stack's", "s3:PutObjectAcl": "no ACLs",
    "s3:Put*Configuration": "no such property, but for encryption and lifecycle",
    "s3:GetObject*": "code alone, which is asked for above",
    "sns:PutDataProtectionPolicy": "no such property",
    "cognito-idp:AddCustomAttributes": "no such property",
    "iam:PutRolePolicy on AWS::Cognito::UserPoolClient": "no analytics",
}  # fmt: skip

# One name for each kind of resource, as CloudFormation or the template gives it.
NAMES = {
    "AWS::ApiGateway": f"arn:aws:apigateway:{REGION}::/restapis/a1/stages",
    "AWS::ApiGateway::ApiKey": f"arn:aws:apigateway:{REGION}::/apikeys/a1",
    "AWS::ApiGateway::UsagePlan": f"arn:aws:apigateway:{REGION}::/usageplans/a1",
    "AWS::ApiGateway::UsagePlanKey": f"arn:aws:apigateway:{REGION}::/usageplans/a1/keys",
    "AWS::CloudFront": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
    "AWS::CloudWatch::Alarm": of("cloudwatch", "alarm:darkroom-dev-dead-letters"),
    "AWS::CloudWatch::Dashboard": f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/darkroom-dev",
    "AWS::Cognito": of("cognito-idp", "userpool/us-east-1_x"),
    "AWS::DynamoDB": of("dynamodb", "table/darkroom-dev-RecordTable-1A2B"),
    "AWS::Events": of("events", "rule/darkroom-dev-UploadArrived-1A2B"),
    "AWS::IAM": OURS,
    "AWS::Lambda": of("lambda", "function:darkroom-dev-ResizeFunction-1A2B"),
    "AWS::Logs": of("logs", "log-group:/aws/lambda/darkroom-dev-resize"),
    "AWS::Pipes": of("pipes", "pipe/darkroom-dev-intake"),
    "AWS::S3": "arn:aws:s3:::darkroom-dev-sourcebucket-1a2b",
    "AWS::SNS": of("sns", "darkroom-dev-AlarmTopic-1A2B"),
    "AWS::SQS": of("sqs", "darkroom-dev-DeadLetterQueue-1A2B"),
    "AWS::StepFunctions": of("states", "stateMachine:darkroom-dev-image-pipeline"),
}
PASSED_TO = {"AWS::Lambda": "lambda", "AWS::StepFunctions": "states", "AWS::Pipes": "pipes", "AWS::Events": "events",
             "AWS::ApiGateway": "apigateway"}  # fmt: skip
# It belongs to the account, and docs/deploy-role.yaml makes it.
MADE_BEFORE = {"AWS::ApiGateway::Account"}


@pytest.fixture(scope="module")
def resources():
    return transformed()


def handlers(kinds):
    """Each kind's permissions, as the registry has them. cfn-lint is in SAM's environment."""
    python = REPOSITORY / ".local" / "sam" / "bin" / "python"
    if not python.exists():
        pytest.skip("cfn-lint is not installed: make setup")
    script = """
import json, sys
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as schemas
of = lambda kind: schemas.get_resource_schema("us-east-1", kind).schema.get("handlers", {})
kinds = json.load(sys.stdin)
json.dump({kind: sorted({it for name, handler in of(kind).items() if name != "list" for it in handler["permissions"]})
           for kind in kinds}, sys.stdout)
"""
    done = subprocess.run([str(python), "-c", script], input=json.dumps(kinds), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def needed(kind, action):
    """A handler's call: the resource is the kind's own, or none where IAM knows none for the action."""
    service = "::".join(kind.split("::")[:2])
    if action == "iam:PassRole":
        return Call(action, OURS, {**BOUNDED, "iam:PassedToService": f"{PASSED_TO[service]}.amazonaws.com"})
    resource = (NAMES.get(kind) or NAMES[service]) if has_resource(action) else "*"
    context = BOUNDED if action.startswith("iam:") else OF_OURS
    return Call(action, resource, context | ({"iam:PolicyARN": XRAY} if action.endswith("RolePolicy") else {}))


def has_resource(action):
    service, name = action.split(":")
    known = json.loads((INSTALLED / "iam-data" / "data" / "actions" / f"{service}.json").read_text(encoding="utf-8"))
    return bool(known.get(name.lower(), {}).get("resourceTypes"))


def is_not_needed(kind, action):
    passes = "::".join(kind.split("::")[:2]) in PASSED_TO
    reasons = [it for it in NOT_NEEDED if fnmatch.fnmatchcase(action, it) or it == f"{action} on {kind}"]
    of_a_role = action.startswith("iam:") and kind != "AWS::IAM::Role" and action != "iam:PassRole"
    # For an import, or a log in a bucket or a group that the template does not ask for.
    of_others = any(action.startswith(f"{it.lower()}:") and f"::{it}::" not in kind for it in ("Logs", "S3"))
    return bool(reasons) or of_a_role or of_others or (action == "iam:PassRole" and not passes)


def test_sam_can_start_a_deployment():
    assert list(map(str, ROLE.refused(BY_SAM))) == []


def test_every_handler_of_the_template_can_do_its_work(resources):
    kinds = sorted({it["Type"] for it in resources.values()} - MADE_BEFORE)
    asked = handlers(kinds)
    calls = [(kind, needed(kind, it)) for kind in kinds for it in asked[kind] if not is_not_needed(kind, it)]
    # Those that a pattern of NOT_NEEDED leaves out, and the template needs.
    calls += [("AWS::S3::Bucket", Call(f"s3:{it}", NAMES["AWS::S3"], BY_CLOUDFORMATION)) for it in (
        "PutEncryptionConfiguration", "PutLifecycleConfiguration",
    )]  # fmt: skip
    assert len(kinds) > 30 and len(calls) > 200
    refused = ROLE.refused([call for _, call in calls])
    assert [f"{kind}: {call}" for kind, call in calls if call in refused] == []


def test_every_reason_is_for_something_that_a_handler_asks_for(resources):
    asked = handlers(sorted({it["Type"] for it in resources.values()}))
    calls = [(kind, action) for kind, actions in asked.items() for action in actions]
    unused = [
        it for it in NOT_NEEDED
        if not any(fnmatch.fnmatchcase(action, it) or it == f"{action} on {kind}" for kind, action in calls)
    ]  # fmt: skip
    assert unused == []


def test_no_action_is_allowed_on_a_resource_that_it_does_not_know():
    for document in [*ROLE.policies, ROLE.boundary_document]:
        for statement in document["Statement"]:
            if statement["Effect"] == "Deny" or statement["Resource"] == "*":
                continue
            for action in listed(statement["Action"]):
                assert "*" in action or has_resource(action), f"{statement['Sid']}: {action} knows no resource but *"


def test_nothing_is_allowed_that_no_handler_asks_for(resources):
    asked = {it for kind in handlers(sorted({it["Type"] for it in resources.values()})).values() for it in kind}
    # The tags of a stack are read before they are changed.
    besides = {"iam:ListRoleTags", "lambda:ListTags", "pipes:ListTagsForResource"}
    for policy in ROLE.managed:
        for statement in policy["Statement"]:
            for action in listed(statement["Action"]):
                assert action in besides or fnmatch.filter(asked, action), f"{statement['Sid']}: {action}"


# ── The roles of the stack ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_role_of_the_stack_can_carry_the_boundary(resources):
    roles = {name: it["Properties"] for name, it in resources.items() if it["Type"] == "AWS::IAM::Role"}
    assert len(roles) >= 9
    carried = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    assert {name: it.get("PermissionsBoundary") for name, it in roles.items()} == dict.fromkeys(roles, carried)
    attached = {str(arn).split(":policy/")[1].rstrip("'}") for it in roles.values() for arn in it.get("ManagedPolicyArns", [])}
    # API Gateway's is made with the deploy role.
    assert attached <= {XRAY.split(":policy/")[1], "service-role/AmazonAPIGatewayPushToCloudWatchLogs"}


def test_the_boundary_takes_nothing_away_from_the_stack_s_roles(resources):
    calls = [
        # What the managed policy allows, where the state machine uses it.
        *(Call(f"xray:{it}", "*") for it in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules")),
    ]
    for name, role in resources.items():
        if role["Type"] == "AWS::IAM::Role" and name != "ApiGatewayLogRole":
            for policy in role["Properties"].get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    calls += [
                        Call(action, arn) for action in listed(statement["Action"])
                        for resource in listed(statement["Resource"]) for arn in arns(resource, resources)
                    ]  # fmt: skip
    assert len(calls) > 40
    assert list(map(str, ROLE.refused_within_the_boundary(calls))) == []


def arns(value, resources):
    """The ARNs that a policy's resource can come to."""
    if isinstance(value, str):
        text = value
    elif "Fn::If" in value:
        return [arn for it in value["Fn::If"][1:] for arn in arns(it, resources)]
    elif "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
    else:
        (name,) = value.values()
        text = "${" + (name if isinstance(name, str) else ".".join(name)) + "}"
    pseudo = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
    for name, filled in pseudo.items():
        text = text.replace("${" + name + "}", filled)
    for name, resource in resources.items():
        if "${" + name in text:
            own = NAMES.get("::".join(resource["Type"].split("::")[:2]), "")
            text = text.replace("${" + name + ".Arn}", own).replace("${" + name + "}", own)
    return [text if text == "*" else text.replace("*", "x").replace("?", "a")]


# ── Who may take it ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_deployment_of_main_in_the_stage_s_environment_may_take_the_role():
    (statement,) = ROLE.trust["Statement"]
    keys = {name.split(":")[-1]: value for name, value in statement["Condition"]["StringEquals"].items()}
    assert keys == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:owner/name:environment:dev",
        "ref": "refs/heads/main",
        "job_workflow_ref": "owner/name/.github/workflows/deploy.yml@refs/heads/main",
    }
    assert statement["Condition"].keys() == {"StringEquals"}


def test_iam_takes_policies_of_this_length():
    def length(document):
        return len(json.dumps(document, separators=(",", ":")))

    longest = DeployRole("staging")
    assert sum(map(length, longest.inline)) <= 10_240
    assert len(longest.managed) == 2
    assert max(map(length, [*longest.managed, longest.boundary_document])) <= 6_144
