"""Checks that IAM allows every request of a function and every call between services, and refuses what it must refuse.

The requests of the functions are recorded, and checked with the function's role. The calls between services follow from
the template: each rule, pipe, state machine and integration calls with its role, or by the policy of the called
resource. Roles also have the boundary that the deploy role requires. iam-simulate decides, by IAM's reference of
actions, resources and condition keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import npm, requests, sources
from ..places import REPOSITORY, place_of_resource, place_of_text
from ..report import Check, Findings
from ..requests import Request
from ..resolved import ACCOUNT, Stack
from ..sources import REGION
from .deploy_role import boundary
from .importer import INTEGRATION, operations

# Operations whose right has another name.
RIGHTS = {
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "HeadObject": "s3:GetObject",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
    "UploadPart": "s3:PutObject",
}
BUCKET_OPERATIONS = {"ListObjectVersions", "ListObjectsV2"}
# Operations whose 404 the code handles, with the code that does. Without s3:ListBucket, S3 answers 403 instead.
NOT_FOUND_IS_AN_ANSWER = {
    "DeleteObjectTagging": ("renditions.rs", 'error.code() == Some("NoSuchKey") => Ok(())'),
    "GetObject": ("sources.rs", "const GONE"),
    "HeadObject": ("sources.rs", "is_not_found()"),
    "PutObjectTagging": ("renditions.rs", 'error.code() == Some("NoSuchKey") => Ok(())'),
}
# Resize has no s3:ListBucket, so it cannot distinguish a missing source from a forbidden one. Its execution fails in
# both cases.
LISTS_NOTHING = {"resize"}
# The names of the buckets in the recorded requests.
BUCKETS = {"sources": "SourceBucket", "renditions": "DestinationBucket"}
MACHINE_ARN_PARTS = 7


@dataclass(frozen=True)
class Call:
    """A call whose decision is simulated."""

    what: str
    resource_id: str
    principal: str
    action: str
    resource: str
    identity: tuple[str, ...] = ()
    resource_policy: str | None = None
    context: tuple[tuple[str, Any], ...] = ()
    allowed: bool = True
    note: str = field(default="", compare=False)

    def question(self) -> dict[str, Any]:
        """The input for `simulate.mjs`."""
        return {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "account": ACCOUNT,
            "context": {name: list(it) if isinstance(it, tuple) else it for name, it in self.context},
            "identity": [json.loads(it) for it in self.identity],
            "resourcePolicy": json.loads(self.resource_policy) if self.resource_policy else None,
            # A refused call must be refused without the boundary, too.
            "boundary": [bounded[1]] if self.identity and self.allowed and (bounded := boundary()) else None,
        }


def run() -> Findings:
    """Simulates the calls of every set of parameters, each distinct call once."""
    findings = Findings()
    calls: dict[Call, str] = {}
    for name, parameters in sources.deployed_parameters().items():
        for call in calls_of(Stack(sources.transformed(parameters), parameters)):
            calls.setdefault(call, name)
    answers = npm.run_script("simulate.mjs", [call.question() for call in calls])
    for (call, name), answer in zip(calls.items(), answers):
        allowed = answer["decision"] == "Allowed"
        if allowed is not call.allowed or "error" in answer:
            found = answer.get("error", answer["decision"])
            wanted = "" if call.allowed else " (and must not)"
            wrong = f"{call.what}: {call.action} on {call.resource}: {found}{wanted}{call.note}"
            findings.add(place_of_resource(call.resource_id), wrong, name)
    for operation, (file, text) in NOT_FOUND_IS_AN_ANSWER.items():
        source = REPOSITORY / "crates/pipeline/src/aws" / file
        if text not in source.read_text(encoding="utf-8"):
            findings.add(place_of_text(source, "//!"), f"{operation}: `{text}` was removed: does the code handle 404?")
    findings.looked_at = f"{len(calls)} calls"
    return findings


def calls_of(stack: Stack) -> Iterator[Call]:
    """All calls of one stack."""
    for request in requests.recorded():
        yield from _of_function(stack, request)
    yield from _of_rules(stack)
    yield from _of_pipes(stack)
    yield from _of_machines(stack)
    yield from _of_apis(stack)
    yield from _of_failed_invocations(stack)
    yield from _of_logs(stack)
    yield from _of_the_cdn(stack)
    yield from _refused(stack)


def _of_function(stack: Stack, request: Request) -> Iterator[Call]:
    role = f"{request.function.capitalize()}FunctionRole"
    for action, resource, context in _needed(stack, request):
        yield _under(stack, role, f"{request.function}, {request.operation}", action, resource, context)
    if request.operation in NOT_FOUND_IS_AN_ANSWER and request.function not in LISTS_NOTHING:
        bucket = stack.sub("${%s.Arn}" % BUCKETS[request.given["Bucket"]])
        note = ": without it, S3 answers 403 where the code expects 404"
        yield _under(stack, role, f"{request.function}, {request.operation}", "s3:ListBucket", bucket, {}, note=note)


def _needed(stack: Stack, request: Request) -> Iterator[tuple[str, str, dict[str, Any]]]:
    given, operation = request.given, request.operation
    if request.service == "s3":
        bucket = stack.sub("${%s.Arn}" % BUCKETS[given["Bucket"]])
        if operation == "DeleteObjects":
            for it in given["Delete"]["Objects"]:
                yield "s3:DeleteObject" + ("Version" if "VersionId" in it else ""), f"{bucket}/{it['Key']}", {}
        else:
            action = RIGHTS.get(operation, f"s3:{operation}") + ("Version" if "VersionId" in given else "")
            yield action, bucket if operation in BUCKET_OPERATIONS else f"{bucket}/{given['Key']}", {}
    elif request.service == "dynamodb":
        table = stack.sub("${RecordTable.Arn}")
        index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
        yield f"dynamodb:{operation}", table + index, {}
    elif request.service == "events":
        bus = stack.sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}")
        source = tuple(sorted({it["Source"] for it in given["Entries"]}))
        yield "events:PutEvents", bus, {"events:source": source}
    elif request.service == "stepfunctions":
        variables = stack.resources["ImagesFunction"]["Properties"]["Environment"]["Variables"]
        yield _start(variables["STATE_MACHINE_ARN"])
    else:
        raise ValueError(f"unknown: which right does {request.service}:{operation} need?")


def _start(target: str) -> tuple[str, str, dict[str, Any]]:
    """The right to start an execution. The resource is the state machine; the alias or version is a condition key."""
    parts = target.split(":")
    qualifier = {"states:StateMachineQualifier": tuple(parts[MACHINE_ARN_PARTS:])} if parts[MACHINE_ARN_PARTS:] else {}
    return "states:StartExecution", ":".join(parts[:MACHINE_ARN_PARTS]), qualifier


def _of_rules(stack: Stack) -> Iterator[Call]:
    for rule, properties in stack.of_type("AWS::Events::Rule").items():
        arn = stack.sub("${%s.Arn}" % rule)
        as_rule = {"aws:SourceArn": arn, "aws:SourceAccount": ACCOUNT}
        for target in properties["Targets"]:
            role = _role(stack, target.get("RoleArn"))
            if role:
                yield _assumed(stack, role, "events.amazonaws.com", as_rule)
                yield _under(stack, role, f"rule {rule}", *_start(target["Arn"]))
            elif ":lambda:" in target["Arn"]:
                yield _invoked(stack, f"rule {rule}", rule, target["Arn"], "events.amazonaws.com", as_rule)
            else:
                yield _sent(stack, f"rule {rule}", rule, target["Arn"], as_rule)
            if dead := target.get("DeadLetterConfig"):
                yield _sent(stack, f"rule {rule}, dead letters", rule, dead["Arn"], as_rule)


def _of_pipes(stack: Stack) -> Iterator[Call]:
    for pipe, properties in stack.of_type("AWS::Pipes::Pipe").items():
        role = _role(stack, properties["RoleArn"])
        yield _assumed(stack, role, "pipes.amazonaws.com",
                       {"aws:SourceArn": stack.sub("${%s.Arn}" % pipe), "aws:SourceAccount": ACCOUNT})
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            yield _under(stack, role, f"pipe {pipe}", f"sqs:{action}", properties["Source"], {})
        yield _under(stack, role, f"pipe {pipe}", *_start(properties["Target"]))


def _of_machines(stack: Stack) -> Iterator[Call]:
    for machine, properties in stack.of_type("AWS::StepFunctions::StateMachine").items():
        role = _role(stack, properties["RoleArn"])
        yield _assumed(stack, role, "states.amazonaws.com", {"aws:SourceAccount": ACCOUNT})
        for name, arn in properties["DefinitionSubstitutions"].items():
            if ":lambda:" in str(arn):
                yield _under(stack, role, f"state machine {machine}, {name}", "lambda:InvokeFunction", arn, {})
        # Step Functions' guide, "Logging using CloudWatch Logs".
        for action in ("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery",
                       "ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"):
            yield _under(stack, role, f"state machine {machine}, log", f"logs:{action}", "*", {})


def _of_apis(stack: Stack) -> Iterator[Call]:
    for api, properties in stack.of_type("AWS::ApiGateway::RestApi").items():
        identity = stack.sub("${%s}" % api)
        for (_, path, method), operation in operations(properties["Body"]):
            integration = operation[INTEGRATION]
            what = f"{method.upper()} {path}"
            if integration["type"] == "aws_proxy":
                function = integration["uri"].split("/functions/")[1].removesuffix("/invocations")
                # The stage, the method, and the path with the names of its parameters.
                source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{identity}/dev/{method.upper()}{path}"
                context = {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT}
                yield _invoked(stack, what, api, function, "apigateway.amazonaws.com", context)
            elif ":s3:path/" in integration.get("uri", ""):
                role = _role(stack, integration["credentials"])
                yield _assumed(stack, role, "apigateway.amazonaws.com", {})
                for kind in properties["Body"]["x-amazon-apigateway-binary-media-types"]:
                    key = f"uploads/{kind}/c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
                    yield _under(stack, role, what, "s3:PutObject", stack.sub("${SourceBucket.Arn}/" + key), {})


def _of_failed_invocations(stack: Stack) -> Iterator[Call]:
    for config in stack.of_type("AWS::Lambda::EventInvokeConfig").values():
        function = next(it for it in stack.of_type("AWS::Lambda::Function") if stack.sub("${%s}" % it) == config["FunctionName"])
        queue = config["DestinationConfig"]["OnFailure"]["Destination"]
        yield _under(stack, f"{function}Role", f"{function}, failed invocations", "sqs:SendMessage", queue, {})


def _of_logs(stack: Stack) -> Iterator[Call]:
    """Lambda writes logs and traces with the function's rights. The function must not write to the log of another."""
    for function, properties in stack.of_type("AWS::Lambda::Function").items():
        own = properties["LoggingConfig"]["LogGroup"]
        for group in stack.of_type("AWS::Logs::LogGroup").values():
            stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group['LogGroupName']}:log-stream:a"
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                allowed = group["LogGroupName"] == own
                yield _under(stack, f"{function}Role", f"{function}, log", action, stream, {}, allowed=allowed)
        for action in ("xray:PutTelemetryRecords", "xray:PutTraceSegments"):
            yield _under(stack, f"{function}Role", f"{function}, traces", action, "*", {})


def _of_the_cdn(stack: Stack) -> Iterator[Call]:
    for distribution in stack.of_type("AWS::CloudFront::Distribution"):
        arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/" + stack.sub("${%s}" % distribution)
        rendition = stack.sub("${DestinationBucket.Arn}/a b.jpg/thumbnail-0123456789.webp")
        yield Call(
            f"distribution {distribution}", "DestinationBucketPolicy", "cloudfront.amazonaws.com", "s3:GetObject", rendition,
            resource_policy=_bucket_policy(stack, rendition),
            context=(("aws:SecureTransport", "true"), ("aws:SourceArn", arn)),
        )


def _refused(stack: Stack) -> Iterator[Call]:
    """Calls that must be refused."""
    source, rendition = stack.sub("${SourceBucket.Arn}/uploads/"), stack.sub("${DestinationBucket.Arn}/a.webp")
    for key in ("text/html/c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "image/jpeg/c6af9ac6", "image/jpeg/a/b"):
        yield _under(stack, "UploadRole", "another content type", "s3:PutObject", source + key, {}, allowed=False)
    for role in ("ValidateFunctionRole", "ResizeFunctionRole", "NotifyFunctionRole"):
        yield _under(stack, role, "a write to the source bucket", "s3:PutObject", source + "a.jpg", {}, allowed=False)
    yield _under(stack, "ImagesFunctionRole", "a write of a rendition", "s3:PutObject", rendition, {}, allowed=False)
    bucket, table = stack.sub("${SourceBucket.Arn}"), stack.sub("${RecordTable.Arn}")
    for action, resource in (
        ("s3:ListBucket", bucket), ("s3:ListBucketVersions", bucket), ("s3:DeleteObject", source + "a.jpg"),
        ("s3:DeleteObject", rendition), ("s3:GetObject", rendition), ("s3:PutObjectTagging", rendition),
        ("dynamodb:GetItem", table), ("dynamodb:UpdateItem", table),
    ):  # fmt: skip
        yield _under(stack, "ResizeFunctionRole", "a taken-over renderer", action, resource, {}, allowed=False)
    bus = stack.sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}")
    forged = {"events:source": ("aws.s3",)}
    yield _under(stack, "NotifyFunctionRole", "another source", "events:PutEvents", bus, forged, allowed=False)
    other = stack.sub("arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:other")
    yield _under(stack, "ImagesFunctionRole", "another machine", "states:StartExecution", other, {}, allowed=False)
    for role in ("UploadArrivedRole", "IntakePipeRole", "ImagesFunctionRole"):
        machine = stack.sub("${ImagePipeline}")
        if role in stack.resources:
            yield _under(stack, role, "not through the alias", "states:StartExecution", machine, {}, allowed=False)


def _under(stack: Stack, role: str, what: str, action: str, resource: str, context: dict[str, Any],
           allowed: bool = True, note: str = "") -> Call:
    properties = stack.resources[role]["Properties"]
    bucket = action.startswith("s3:")
    given = context | ({"aws:SecureTransport": "true"} if bucket else {})
    return Call(
        what, role, stack.sub("${%s.Arn}" % role), action, resource,
        identity=tuple(json.dumps(it["PolicyDocument"]) for it in properties.get("Policies", [])),
        resource_policy=_bucket_policy(stack, resource) if bucket else None,
        context=tuple(sorted(given.items())), allowed=allowed, note=note,
    )


def _bucket_policy(stack: Stack, resource: str) -> str | None:
    bucket = resource.removeprefix("arn:aws:s3:::").split("/")[0]
    policies = stack.of_type("AWS::S3::BucketPolicy").values()
    return next((json.dumps(it["PolicyDocument"]) for it in policies if it["Bucket"] == bucket), None)


def _assumed(stack: Stack, role: str, service: str, context: dict[str, Any]) -> Call:
    document = json.dumps(stack.resources[role]["Properties"]["AssumeRolePolicyDocument"])
    arn = stack.sub("${%s.Arn}" % role)
    return Call(f"{service} as {role}", role, service, "sts:AssumeRole", arn, resource_policy=document,
                context=tuple(sorted(context.items())))


def _invoked(stack: Stack, what: str, resource: str, function: str, service: str, context: dict[str, Any]) -> Call:
    """An invocation that the function's policy allows. `AWS::Lambda::Permission` adds to that policy."""
    statements = []
    for permission in stack.of_type("AWS::Lambda::Permission").values():
        if function in (permission["FunctionName"], stack_arn(permission["FunctionName"])):
            condition = {"ArnLike": {"aws:SourceArn": permission["SourceArn"]}} if "SourceArn" in permission else {}
            statements.append({"Effect": "Allow", "Principal": {"Service": permission["Principal"]},
                               "Action": permission["Action"], "Resource": function, "Condition": condition})
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return Call(what, resource, service, "lambda:InvokeFunction", function, resource_policy=document,
                context=tuple(sorted(context.items())))


def stack_arn(function: str) -> str:
    """The ARN of a function by its name."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"


def _sent(stack: Stack, what: str, resource: str, queue: str, context: dict[str, Any]) -> Call:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue.split(':')[-1]}"
    policies = stack.of_type("AWS::SQS::QueuePolicy").values()
    document = next((json.dumps(it["PolicyDocument"]) for it in policies if url in it["Queues"]), None)
    given = context | {"aws:SecureTransport": "true"}
    return Call(what, resource, "events.amazonaws.com", "sqs:SendMessage", queue, resource_policy=document,
                context=tuple(sorted(given.items())))


def _role(stack: Stack, arn: str | None) -> str | None:
    return next((it for it in stack.of_type("AWS::IAM::Role") if stack.sub("${%s.Arn}" % it) == arn), None)


CHECK = Check("permissions", "iam-simulate", run)
