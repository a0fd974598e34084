"""The API: who may call what, what API Gateway may do, what it says when it answers by itself.

Everything is asked of api/deployed.yaml, which is what API Gateway imports.
"""

import json
import re

import airspeed
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
    return yaml.safe_load((REPOSITORY / "api" / "deployed.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published():
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


@pytest.fixture(scope="module")
def every_operation(openapi, operations):
    (preflight,) = (it["Fn::If"][1]["options"] for it in openapi["paths"].values() if "Fn::If" in it)
    return {**operations, ("/{path+}", "options"): preflight}


def nodes(node):
    """Every mapping in a nested value."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def test_the_calls_are_those_of_the_design(operations):
    assert set(operations) == CALLS


def test_only_health_and_preflights_are_open_and_every_operation_says_so_itself(openapi, published, every_operation):
    # API Gateway does not read `security` at the root.
    assert "security" not in openapi and "security" not in published
    assert all("security" in operation for operation in every_operation.values())
    opened = {call for call, operation in every_operation.items() if operation["security"] == []}
    assert opened == {("/health", "get"), ("/{path+}", "options")}
    others = [operation["security"] for call, operation in every_operation.items() if call not in opened]
    schemes = {"Fn::If": ["UsesCognito", [{"cognito": []}], [{"iam": []}]]}
    assert all(it == {"Fn::If": ["UsesApiKeys", [{"apiKey": []}], schemes]} for it in others)


def test_the_importer_ignores_nothing_of_it(openapi, every_operation):
    # "Important notes for REST APIs" of API Gateway's guide. With FailOnWarnings, what is ignored refuses the body.
    unknown = {"default", "deprecated", "discriminator", "example", "examples", "exclusiveMinimum", "nullable", "readOnly"}
    outside = {name: value for name, value in openapi.items() if name != "x-amazon-apigateway-gateway-responses"}
    for node in nodes(outside):
        # An integration's `default` response is another thing.
        assert not unknown & node.keys() or "statusCode" in str(node.get("default")), node
        assert not str(node.get("$ref", "#/components/schemas/")).startswith("#/components/responses"), node
    assert "responses" not in openapi["components"]
    for call, operation in every_operation.items():
        for parameter in operation.get("parameters", []):
            assert set(parameter) <= {"name", "in", "required", "schema"}, call
            assert set(parameter["schema"]) == {"type"}, call
        for body in operation.get("requestBody", {}).get("content", {}).values():
            assert set(body["schema"]) == {"$ref"}, call
        assert not any("content" in response for response in operation["responses"].values()), call
    # A path's own parameters are those of its operations.
    assert not any("parameters" in item for item in openapi["paths"].values())
    assert all(re.fullmatch("[A-Za-z0-9]+", name) for name in openapi["components"]["schemas"])


def test_a_picture_has_no_model_and_every_model_is_there(openapi, operations):
    assert "requestBody" not in operations["/images", "post"]
    models = {node["$ref"].removeprefix("#/components/schemas/") for node in nodes(openapi) if "$ref" in node}
    assert models == set(openapi["components"]["schemas"]) == {"UploadRequest", "ExecutionRequest"}


def test_what_is_published_says_all_of_it(published):
    upload = published["paths"]["/images"]["post"]
    assert set(upload["requestBody"]["content"]) == {"image/jpeg", "image/png", "image/webp", "image/gif"}
    assert published["components"]["responses"] and "Image" in published["components"]["schemas"]


def test_an_answer_to_an_upload_is_text_whatever_the_client_accepts(operations):
    # API Gateway takes an answer for binary where `Accept` names a binary type, and can't put it into a template.
    responses = operations["/images", "post"][INTEGRATION]["responses"]
    assert {it["contentHandling"] for it in responses.values()} == {"CONVERT_TO_TEXT"}


class Headers:
    """`$input`, with headers by the very names that they came with."""

    def __init__(self, headers):
        self.headers = headers

    def params(self, name):
        return self.headers.get(name, "")


def rendered(template, headers):
    context = {"requestId": "id-1", "path": "/dev/images", "responseOverride": {"header": {}}}
    text = airspeed.Template(template).merge({"input": Headers(headers), "context": context})
    return text, context["responseOverride"]["header"]


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
def test_an_upload_is_told_its_key_over_http_1_and_http_2(operations, name):
    (stored,) = (it for it in operations["/images", "post"][INTEGRATION]["responses"].values() if it["statusCode"] == "202")
    text, headers = rendered(stored["responseTemplates"]["application/json"], {name: "image/png"})
    assert json.loads(text)["key"] == "uploads/image/png/id-1"
    assert headers == {"Location": "/dev/images/uploads/image/png/id-1"}


@pytest.mark.parametrize("name", ["Origin", "origin"])
def test_a_preflight_is_answered_over_http_1_and_http_2(every_operation, name):
    (answer,) = every_operation["/{path+}", "options"][INTEGRATION]["responses"].values()
    _, parts = answer["responseTemplates"]["application/json"]["Fn::Join"]
    template = "".join(part if isinstance(part, str) else "https://a.example" for part in parts)
    assert rendered(template, {name: "https://a.example"})[1] == {"Access-Control-Allow-Origin": "https://a.example"}
    assert rendered(template, {name: "https://b.example"})[1] == {}


def test_nobody_changes_what_api_gateway_says_of_ten_megabytes(openapi):
    assert "REQUEST_TOO_LARGE" not in openapi["x-amazon-apigateway-gateway-responses"]


def test_the_account_s_log_role_is_there_before_the_stage(template):
    api = template["Resources"]["Api"]
    # What DependsOn does with a resource that its condition leaves out is written down nowhere.
    assert "DependsOn" not in api
    condition, named, _ = api["Properties"]["Description"]["Fn::If"]
    assert condition == template["Resources"]["ApiGatewayAccount"]["Condition"] and "${ApiGatewayAccount}" in named


def test_there_is_no_second_stage_and_no_metric_that_is_paid_for(template):
    (api,) = resources_of_type(template, "AWS::Serverless::Api").values()
    # SAM makes a stage called Stage for an API that does not say its version.
    assert api["OpenApiVersion"] == "3.0.1"
    assert api["FailOnWarnings"] is True
    assert not any("MetricsEnabled" in setting for setting in api["MethodSettings"])


def test_tokens_are_taken_of_named_clients_only(template, openapi):
    scheme = openapi["components"]["securitySchemes"]["cognito"]["Fn::If"][1]
    expression = scheme["x-amazon-apigateway-authorizer"]["identityValidationExpression"]
    clients = {"Fn::Join": ["|", {"Fn::Split": [",", {"Ref": "UserPoolClientIds"}]}]}
    assert expression == {
        "Fn::If": ["MakesUserPool", {"Fn::Sub": "^${UserPoolClient}$"}, {"Fn::Sub": ["^(${Ids})$", {"Ids": clients}]}]
    }
    # Nothing of a name means anything in a regular expression.
    assert template["Parameters"]["UserPoolClientIds"]["AllowedPattern"].count("[A-Za-z0-9]") == 2
    (assertion,) = template["Rules"]["UserPoolNeedsClients"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": ["${UserPoolClientIds}", ""]}]}


def test_every_call_has_a_throttle(template, openapi):
    (api,) = resources_of_type(template, "AWS::Serverless::Api").values()
    by_parameters = {"ThrottlingRateLimit": "${ApiRateLimit}", "ThrottlingBurstLimit": "${ApiBurstLimit}"}
    # Usage plans count keys: what needs none has a throttle of its own.
    unless_keys, *always = api["MethodSettings"]
    assert unless_keys["Fn::If"] == ["UsesApiKeys", "${AWS::NoValue}", {"ResourcePath": "/*", "HttpMethod": "*", **by_parameters}]
    health = {"ResourcePath": "/~1health", "HttpMethod": "GET", "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20}
    assert health in always
    managing = {"ThrottlingRateLimit": "${ApiManageRateLimit}", "ThrottlingBurstLimit": "${ApiManageBurstLimit}"}
    assert {"ResourcePath": "/~1executions", "HttpMethod": "POST", **managing} in always
    assert {"ResourcePath": "/~1images~1{key+}", "HttpMethod": "DELETE", **managing} in always
    preflights = {"ResourcePath": "/~1{path+}", "HttpMethod": "OPTIONS", **by_parameters}
    assert {"Fn::If": ["HasCors", preflights, "${AWS::NoValue}"]} in always
    assert "/{path+}" in openapi["paths"]


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
    text = (REPOSITORY / "api" / "deployed.yaml").read_text(encoding="utf-8")
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
