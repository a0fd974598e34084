"""The API as API Gateway imports it, from api/deployed.yaml: who may call what, the throttles, and the errors.

`make aws-check` (`importer`, `mappings`) checks the rest of the body.
"""

import json
import re

import pytest
import yaml
from cloudformation import REPOSITORY, resources_of_type

DEPLOYED = REPOSITORY / "api" / "deployed.yaml"


@pytest.fixture(scope="module")
def body():
    return yaml.safe_load(DEPLOYED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def operations(body):
    """Path and method to operation, with the preflight that is conditional."""
    items = {path: item["Fn::If"][1] if "Fn::If" in item else item for path, item in body["paths"].items()}
    methods = ("get", "post", "put", "delete", "options")
    return {(path, method): it for path, item in items.items() for method, it in item.items() if method in methods}


@pytest.fixture(scope="module")
def stage(template):
    (api,) = resources_of_type(template, "AWS::Serverless::Api").values()
    return api


def test_every_call_but_health_and_preflights_needs_authorization(operations):
    open_calls = {call for call, operation in operations.items() if operation["security"] == []}
    assert open_calls == {("/health", "get"), ("/{path+}", "options")}
    closed = [operation["security"] for call, operation in operations.items() if call not in open_calls]
    schemes = {"Fn::If": ["UsesCognito", [{"cognito": []}], [{"iam": []}]]}
    assert all(it == {"Fn::If": ["UsesApiKeys", [{"apiKey": []}], schemes]} for it in closed)


def test_only_tokens_of_named_clients_are_accepted(template, body):
    scheme = body["components"]["securitySchemes"]["cognito"]["Fn::If"][1]
    expression = scheme["x-amazon-apigateway-authorizer"]["identityValidationExpression"]
    clients = {"Fn::Join": ["|", {"Fn::Split": [",", {"Ref": "UserPoolClientIds"}]}]}
    assert expression == {
        "Fn::If": ["MakesUserPool", {"Fn::Sub": "^${UserPoolClient}$"}, {"Fn::Sub": ["^(${Ids})$", {"Ids": clients}]}]
    }
    # A client's id has no character with a meaning in a regular expression.
    assert template["Parameters"]["UserPoolClientIds"]["AllowedPattern"].count("[A-Za-z0-9]") == 2
    (assertion,) = template["Rules"]["UserPoolNeedsClients"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": ["${UserPoolClientIds}", ""]}]}


def test_every_call_has_a_throttle(stage, body):
    by_parameters = {"ThrottlingRateLimit": "${ApiRateLimit}", "ThrottlingBurstLimit": "${ApiBurstLimit}"}
    # A usage plan counts keys. Calls without a key have throttles of the stage.
    unless_keys, *always = stage["MethodSettings"]
    assert unless_keys["Fn::If"] == ["UsesApiKeys", "${AWS::NoValue}", {"ResourcePath": "/*", "HttpMethod": "*", **by_parameters}]
    health = {"ResourcePath": "/~1health", "HttpMethod": "GET", "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20}
    assert health in always
    managing = {"ThrottlingRateLimit": "${ApiManageRateLimit}", "ThrottlingBurstLimit": "${ApiManageBurstLimit}"}
    assert {"ResourcePath": "/~1executions", "HttpMethod": "POST", **managing} in always
    assert {"ResourcePath": "/~1images~1{key+}", "HttpMethod": "DELETE", **managing} in always
    preflights = {"ResourcePath": "/~1{path+}", "HttpMethod": "OPTIONS", **by_parameters}
    assert {"Fn::If": ["HasCors", preflights, "${AWS::NoValue}"]} in always
    assert "/{path+}" in body["paths"]


def test_a_warning_refuses_the_deployment_and_no_metric_costs_money_while_idle(stage):
    assert stage["FailOnWarnings"] is True
    assert not any("MetricsEnabled" in setting for setting in stage["MethodSettings"])


def test_every_error_of_api_gateway_is_a_problem_document(body):
    for kind, response in body["x-amazon-apigateway-gateway-responses"].items():
        assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        template = response["responseTemplates"]["application/json"]
        for text in template["Fn::If"][1:] if isinstance(template, dict) else [template]:
            problem = json.loads(re.sub(r"(?<!\")\$context\.error\.messageString", '"message"', text))
            assert {"title", "request_id"} <= set(problem), kind
            if "statusCode" in response and isinstance(template, str):
                assert problem["status"] == int(response["statusCode"]), kind


def test_the_body_has_no_alias_and_no_short_form_because_it_is_an_included_file():
    assert not re.search(r"[:\-\[] +[&*!][A-Za-z]", DEPLOYED.read_text(encoding="utf-8"))


def test_the_access_log_has_no_secret(stage):
    line = stage["AccessLogSetting"]["Format"]
    assert "$context.requestId" in json.loads(line).values()
    assert not re.search(r"authorizer\.token|identity\.apiKey\b|input\.|header|queryString", line)


def test_the_api_the_events_and_the_profiles_name_the_same_formats():
    image = yaml.safe_load((REPOSITORY / "api" / "openapi.yaml").read_text(encoding="utf-8"))["components"]["schemas"]["Image"]
    profiles = json.loads((REPOSITORY / "docs" / "profile.schema.json").read_text(encoding="utf-8"))
    assert image["properties"]["format"]["enum"] == profiles["properties"]["accepts"]["items"]["enum"]
    for event in ("completed", "failed", "rejected"):
        schema = json.loads((REPOSITORY / "docs" / "events" / f"image_{event}.schema.json").read_text(encoding="utf-8"))
        assert image["properties"]["format"]["enum"] in [it.get("enum") for it in schema["properties"].values()]
