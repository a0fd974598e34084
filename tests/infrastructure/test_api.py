"""The API: who may call what, what API Gateway may do, what it says when it answers by itself."""

import json
import re

import pytest
import yaml
from cloudformation import REPOSITORY, resources_of_type

INTEGRATION = "x-amazon-apigateway-integration"
CALLS = {
    ("/images", "post"),
    ("/images", "get"),
    ("/images/{key+}", "get"),
    ("/images/{key+}", "delete"),
    ("/uploads", "post"),
    ("/uploads", "get"),
    ("/executions", "post"),
    ("/health", "get"),
}


@pytest.fixture(scope="module")
def openapi():
    return yaml.safe_load((REPOSITORY / "api" / "openapi.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def operations(openapi):
    """Path and method to operation, preflight aside."""
    return {
        (path, method): operation
        for path, item in openapi["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "delete")
    }


def test_the_calls_are_those_of_the_design(operations):
    assert set(operations) == CALLS


def test_only_health_is_open(openapi, operations):
    assert openapi["security"]["Fn::If"][0] == "UsesApiKeys"
    assert {call for call, operation in operations.items() if "security" in operation} == {("/health", "get")}
    assert operations["/health", "get"]["security"] == []


def test_every_way_of_authorisation_has_its_scheme(template, openapi):
    kinds = template["Parameters"]["Authorization"]["AllowedValues"]
    assert kinds == ["ApiKey", "Cognito", "Iam"]
    conditions = {name: scheme["Fn::If"][0] for name, scheme in openapi["components"]["securitySchemes"].items()}
    assert conditions == {"apiKey": "UsesApiKeys", "cognito": "UsesCognito", "iam": "UsesIam"}


def test_a_picture_goes_into_s3_without_a_function_and_all_else_to_one(operations):
    uploads = {call for call, operation in operations.items() if operation[INTEGRATION]["type"] == "aws"}
    assert uploads == {("/images", "post")}
    functions = [operation[INTEGRATION]["uri"] for call, operation in operations.items() if call not in uploads]
    assert all("${ImagesFunction.Arn}/invocations" in uri["Fn::Sub"] for uri in functions)


def test_nothing_that_is_stored_is_written_over(operations):
    mapped = operations["/images", "post"][INTEGRATION]["requestParameters"]
    assert mapped["integration.request.header.If-None-Match"] == "'*'"


def test_the_upload_role_puts_accepted_types_under_a_request_s_id_and_nothing_else(template):
    role = resources_of_type(template, "AWS::IAM::Role")["UploadRole"]
    ((statement,),) = [policy["PolicyDocument"]["Statement"] for policy in role["Policies"]]
    assert statement["Action"] == "s3:PutObject"
    for index, resource in enumerate(statement["Resource"]):
        pattern, names = resource["Fn::Sub"]
        assert pattern == "${SourceBucket.Arn}/uploads/${Type}/????????-????-????-????-????????????"
        assert names["Type"]["Fn::Select"][0] == index
    assert index == 3


def test_every_error_of_api_gateway_is_a_problem_document(openapi):
    for kind, response in openapi["x-amazon-apigateway-gateway-responses"].items():
        assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        body = response["responseTemplates"]["application/json"]
        for text in body["Fn::If"][1:] if isinstance(body, dict) else [body]:
            problem = json.loads(re.sub(r"(?<!\")\$context\.error\.messageString", '"message"', text))
            assert {"title", "request_id"} <= set(problem), kind
            if "statusCode" in response and isinstance(body, str):
                assert problem["status"] == int(response["statusCode"]), kind


def test_no_alias_and_no_short_form_that_an_included_file_can_not_have():
    text = (REPOSITORY / "api" / "openapi.yaml").read_text(encoding="utf-8")
    assert not re.search(r"[:\-\[] +[&*!][A-Za-z]", text)


def test_the_access_log_tells_no_secret(template):
    (api,) = resources_of_type(template, "AWS::Serverless::Api").values()
    line = api["AccessLogSetting"]["Format"]
    assert "$context.requestId" in json.loads(line).values()
    assert not re.search(r"authorizer\.token|identity\.apiKey\b|input\.|header|queryString", line)


def test_what_waits_is_kept_for_14_days_encrypted_and_set_aside_after_5_attempts(template):
    assert resources_of_type(template, "AWS::SQS::Queue")["IntakeQueue"] == {
        "MessageRetentionPeriod": 14 * 24 * 3600,
        "VisibilityTimeout": 60,
        "RedrivePolicy": {"deadLetterTargetArn": "${DeadLetterQueue.Arn}", "maxReceiveCount": 5},
        "SqsManagedSseEnabled": True,
    }
