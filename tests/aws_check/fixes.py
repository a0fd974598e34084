"""The fixes of everything that AWS would have refused or done differently, and how each fix is undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tree import REPOSITORY, Tree

TEMPLATE, BODY, MACHINE = "template.yaml", "api/deployed.yaml", "statemachine/image_pipeline.asl.json"
ROLE = "docs/deploy-role.yaml"
ALIAS_PATTERN = r"^( +Action: states:StartExecution\n +Resource: )!Ref ImagePipeline$"


@dataclass(frozen=True)
class Fix:
    """One fix: how it is undone, and the tests that detect it if `make aws-check` cannot."""

    name: str
    undo: Callable[[Tree], None]
    tests: tuple[tuple[str, ...], ...] = ()


def infrastructure(*names: str) -> tuple[tuple[str, ...], ...]:
    """The command that runs tests of the template."""
    python = ".local/cloud/bin/python"
    files = [f"tests/infrastructure/{name}" for name in names]
    return ((python, "-m", "pytest", "--quiet", "-x", *files),)


def text(file: str, pattern: str, replacement: str) -> Callable[[Tree], None]:
    """Undoes a fix by replacing text."""
    return lambda tree: tree.sub(file, pattern, replacement)


def body(change: Callable[[Any], None]) -> Callable[[Tree], None]:
    """Undoes a fix in the deployed body of the API."""
    return lambda tree: tree.change(BODY, change)


def _role_names_the_alias(role: str) -> Callable[[Tree], None]:
    """In one role only: replaces the resource of the first statement about executions after the role's name."""
    pattern = rf"^(  {role}:\n(?:(?:    .*)?\n)*?{ALIAS_PATTERN[1:-1].replace('( ', '(?: ', 1)})$"
    return text(TEMPLATE, pattern, r"\g<1>Live")


def _primitive_request_model(document: Any) -> None:
    schema = {"type": "string", "format": "binary"}
    document["paths"]["/images"]["post"]["requestBody"] = {"required": True, "content": {"image/jpeg": {"schema": schema}}}


def _referenced_response(document: Any) -> None:
    document["components"]["responses"] = {"TooMany": {"description": "Too many requests."}}
    document["paths"]["/uploads"]["post"]["responses"]["429"] = {"$ref": "#/components/responses/TooMany"}


def _default_of_a_parameter(document: Any) -> None:
    (limit,) = (it for it in document["paths"]["/images"]["get"]["parameters"] if it["name"] == "limit")
    limit["schema"]["default"] = 20


def _security_at_the_root(document: Any) -> None:
    document["security"] = document["paths"]["/images"]["post"].pop("security")
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("security"):
                del operation["security"]


def _own_413(document: Any) -> None:
    template = {"application/json": '{"title": "The body is too long"}'}
    document["x-amazon-apigateway-gateway-responses"]["REQUEST_TOO_LARGE"] = {"statusCode": "400", "responseTemplates": template}


def _no_content_handling(document: Any) -> None:
    for answer in document["paths"]["/images"]["post"]["x-amazon-apigateway-integration"]["responses"].values():
        del answer["contentHandling"]


def lacks(right: str) -> Fix:
    """Removes a right from the deploy role."""
    return Fix(f"deploy role: {right}", text(ROLE, rf"^ +- {right}\n|{right}, ", ""))


RUST = (
    ("cargo", "test", "--quiet", "--target-dir", str(REPOSITORY / "target"), "--target", "x86_64-unknown-linux-gnu",
     "--package", "pipeline", "--test", "use_cases", "a_key_is_never_decoded"),
)
MACHINE_ERROR = r'^ +"Lambda.ClientExecutionTimeoutException",\n'


def _headers_by_one_spelling(document: Any) -> None:
    """Reads an upload's content type only in the spelling of HTTP/1.1."""
    stored = document["paths"]["/images"]["post"]["x-amazon-apigateway-integration"]["responses"][r"2\d{2}"]
    template = stored["responseTemplates"]["application/json"]
    stored["responseTemplates"]["application/json"] = template.replace("#set($type = $input.params('content-type'))", "")


def _form_decoded_keys(tree: Tree) -> None:
    decoded = 'let mut upload = upload;\n    upload.detail.object.key = upload.detail.object.key.replace(\'+\', " ");\n    '
    tree.sub("crates/pipeline/src/validate.rs", r"(?=let \(name, profile\) = settings\.profiles\.for_key)", decoded)


def _rule_off_while_queued(tree: Tree) -> None:
    state = r"\g<0>      State: !If [QueuesIntake, DISABLED, ENABLED]\n"
    tree.sub(TEMPLATE, r"^  UploadArrived:\n    Type: AWS::Events::Rule\n    Properties:\n", state)


def after(pattern: str, inserted: str) -> Callable[[Tree], None]:
    """Undoes a fix by inserting lines after a match in the template."""
    return text(TEMPLATE, pattern, r"\g<0>" + inserted)


FIXES = (
    # Without these fixes, no execution would start.
    Fix("alias: the rule's role names the state machine", _role_names_the_alias("UploadArrivedRole")),
    Fix("alias: the pipe's role names the state machine", _role_names_the_alias("IntakePipeRole")),
    Fix("alias: the images function names the state machine", _role_names_the_alias("ImagesFunctionRole")),
    # Without these fixes, a function would have too many rights.
    Fix("rights: notify publishes as darkroom", text(TEMPLATE, r"^ +Condition: \{'ForAllValues:StringEquals': .*\n", "")),
    Fix("rights: a function writes its own log", text(TEMPLATE, r"!GetAtt ResizeLogGroup\.Arn", "'*'")),
    # Without these fixes, the deployment would be rolled back, or the API would be open.
    Fix("import: no primitive request model", body(_primitive_request_model)),
    Fix("import: responses are inline", body(_referenced_response)),
    Fix("import: no default of a parameter", body(_default_of_a_parameter)),
    Fix("security: at every operation", body(_security_at_the_root)),
    Fix("stage: none that is named Stage", text(TEMPLATE, r"^ +OpenApiVersion: .*\n", "")),
    Fix("413: AWS's own", body(_own_413)),
    Fix("deploy role: the transform Include", text(ROLE, r"^.*transform/Include.*\n", "")),
    lacks("iam:ListAttachedRolePolicies"),
    lacks("iam:ListRolePolicies"),
    lacks("iam:UpdateRoleDescription"),
    lacks("cloudformation:TagResource"),
    Fix("x86_64: built with the same parameters",
        text("deploy/stage.sh", r"(sam build --config-env \S+) --parameter-overrides .*$", r"\g<1>"),
        infrastructure("test_samconfig.py")),
    Fix("retries: ClientExecutionTimeoutException", text(MACHINE, MACHINE_ERROR, ""), infrastructure("test_state_machine.py")),
    Fix("first deployment: buckets and table go with it", text(TEMPLATE, "RetainExceptOnCreate", "Retain"),
        infrastructure("test_buckets.py")),
    Fix("metrics: none that is paid for while idle", after(r"^            ThrottlingRateLimit: .*\n", "            MetricsEnabled: true\n"),
        infrastructure("test_api.py")),
    Fix("intake: one rule that is always on", _rule_off_while_queued, infrastructure("test_wiring.py")),
    Fix("403 for 404: notify may list renditions",
        text(TEMPLATE, r"^ +- Sid: TellGoneFromForbidden\n.*\n.*\n +Resource: !GetAtt DestinationBucket\.Arn\n", "")),
    Fix("workflow type: another alias, too", text(TEMPLATE, r"^      Name: !If \[IsExpress, live-express, live\]$", "      Name: live")),
    Fix("dead letters: an alarm is always there",
        after(r"^  DeadLettersAlarm:\n    Type: .*\n", "    Condition: IsObserved\n"), infrastructure("test_watching.py")),
    Fix("HTTP/2: names of headers in lower case", body(_headers_by_one_spelling)),
    Fix("Accept: image/* gets text", body(_no_content_handling)),
    Fix("DependsOn: not on a conditional resource", after(r"^  Api:\n    Type: .*\n", "    DependsOn: ApiGatewayAccount\n")),
    Fix("encryption: by the key that costs nothing",
        after(r"^      TimeToLiveSpecification: .*\n", "      SSESpecification: {SSEEnabled: true}\n"), infrastructure("test_security.py")),
    Fix("lifecycle: its deletions call no function",
        text(TEMPLATE, r"^                \$or:\n.*\n.*\n", ""), infrastructure("test_wiring.py")),
    Fix("keys: as S3's events have them", _form_decoded_keys, RUST),
)
