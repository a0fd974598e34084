"""The extension of API Gateway: the whole OpenAPI body, calls to S3 as the integration's role, and refusals."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from clouds import STACK_TEMPLATE, Cloud, free_port, wait_for

from darkroom_local.layout import Instance

# Bytes that are not text in any encoding.
PICTURE = bytes(range(256))


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any


@dataclass
class Api:
    cloud: Cloud

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return self.send("POST", path, body, headers)

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        place = urllib.parse.urlsplit(self.cloud.outputs["Endpoint"])
        connection = http.client.HTTPConnection(place.hostname, place.port)
        prefix = f"/restapis/{self.cloud.outputs['ApiId']}/v1/_user_request_"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, prefix + path, body=body, headers=names)
        response = connection.getresponse()
        text = response.read()
        is_json = response.headers["Content-Type"] == "application/json"
        return Answer(response.status, response.headers, json.loads(text) if is_json else text.decode())

    def stored(self) -> dict[str, Any]:
        """The bucket's objects by their keys."""
        s3, bucket = self.cloud.client("s3"), self.cloud.outputs["BucketName"]
        listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"]) for entry in listed}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    cloud = Cloud(Instance(tmp_path_factory.mktemp("api"), free_port()))
    try:
        cloud.run("start")
        cloud.run("deploy", "--template", str(STACK_TEMPLATE.with_name("api.yaml")))
        yield Api(cloud)
    finally:
        cloud.run("stop")


def test_a_picture_is_stored_byte_by_byte_under_its_type(api: Api) -> None:
    answer = api.post("/images?title=a%20b", PICTURE, Content_Type="image/jpeg")

    assert answer.status == 202
    stored = api.stored()[answer.body["key"]]
    assert answer.body["key"].startswith("uploads/image/jpeg/")
    assert stored["Body"].read() == PICTURE
    assert stored["ContentType"] == "image/jpeg"
    assert stored["Metadata"] == {"title": "a b", "by": "api"}
    assert answer.headers["ETag"] == stored["ETag"]


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg; charset=x", "text/plain"])
def test_a_type_that_the_role_may_not_write_is_refused(api: Api, content_type: str) -> None:
    before = set(api.stored())

    answer = api.post("/images", PICTURE, Content_Type=content_type)

    assert (answer.status, answer.body) == (400, {"title": "this content type is not accepted"})
    assert set(api.stored()) == before


def test_ten_megabytes_are_accepted_and_one_byte_more_is_not(api: Api) -> None:
    limit = 10 * 1024 * 1024

    assert api.post("/images", bytes(limit), Content_Type="image/jpeg").status == 202
    refused = api.post("/images", bytes(limit + 1), Content_Type="image/jpeg")
    # The stack has a gateway response for it, which AWS ignores.
    assert (refused.status, refused.body) == (413, "HTTP content length exceeded 10485760 bytes.")


def test_a_missing_parameter_is_named_through_the_gateway_response(api: Api) -> None:
    answer = api.post("/images", PICTURE)

    assert (answer.status, answer.body) == (400, {"title": "Missing required request parameters: [Content-Type]"})


@pytest.mark.parametrize("body", [b'{"key": "a", "size": 0}', b'{"key": "a"}', b"[]", b"no json", b""])
def test_a_body_that_breaks_its_schema_is_refused(api: Api, body: bytes) -> None:
    assert api.post("/checked", body, Content_Type="application/json").status == 400


def test_a_body_that_keeps_its_schema_passes(api: Api) -> None:
    answer = api.post("/checked", b'{"key": "a", "size": 1}', Content_Type="application/json")

    assert (answer.status, answer.body) == (200, {"fine": True})


def test_a_mock_answers_by_its_templates(api: Api) -> None:
    answer = api.get("/mock?status=200")

    assert (answer.status, answer.body) == (200, {"id": answer.headers["x-amzn-RequestId"]})
    assert answer.headers["X-Path"].endswith("/v1/_user_request_/mock")
    assert (api.get("/mock?status=404").status, api.get("/mock?status=404").body) == (404, {"none": True})


def test_a_mock_without_a_status_answers_500(api: Api) -> None:
    assert api.get("/mock").status == 500


def test_a_request_has_one_id_in_the_response_and_in_the_functions_event(api: Api) -> None:
    answer = api.get("/event")

    assert answer.body["event"]["requestContext"]["requestId"] == answer.headers["x-amzn-RequestId"]


def test_a_functions_event_names_the_callers_key(api: Api) -> None:
    made = api.cloud.client("apigateway").create_api_key(name="caller", enabled=True, value="k" * 20)

    identity = api.get("/event", X_Api_Key="k" * 20).body["event"]["requestContext"]["identity"]

    assert (identity["apiKeyId"], identity["apiKey"]) == (made["id"], "k" * 20)
    assert "apiKeyId" not in api.get("/event", X_Api_Key="unknown").body["event"]["requestContext"]["identity"]


def test_a_client_may_choose_the_request_id(api: Api) -> None:
    answer = api.post("/images", PICTURE, Content_Type="image/jpeg", X_Amzn_RequestId="mine")

    assert answer.headers["x-amzn-RequestId"] == "mine"
    assert answer.body["key"] == "uploads/image/jpeg/mine"


def test_a_function_is_called_only_for_methods_that_its_policy_allows(api: Api) -> None:
    assert api.get("/event").status == 200

    refused = api.send("DELETE", "/event", None, {})

    assert (refused.status, refused.body) == (500, {"message": "Internal server error"})


def test_a_role_that_does_not_trust_api_gateway_stores_nothing(api: Api) -> None:
    refused = api.send("PUT", "/untrusting", PICTURE, {"Content-Type": "image/jpeg"})

    assert (refused.status, refused.body) == (500, {"message": "Internal server error"})
    assert "uploads/image/jpeg/untrusting" not in api.stored()


def test_without_an_openapi_version_there_is_a_second_stage(api: Api) -> None:
    stages = api.cloud.client("apigateway").get_stages(restApiId=api.cloud.outputs["ApiId"])["item"]

    assert {stage["stageName"] for stage in stages} == {"v1", "Stage"}


def test_security_at_the_root_is_ignored(api: Api) -> None:
    scheme = {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    body = description({"open": {}, "closed": {"security": [{"key": []}]}})
    body |= {"security": [{"key": []}], "components": {"securitySchemes": scheme}}

    assert deploy_api(api.cloud, "security", Body=body) is None
    apigateway = api.cloud.client("apigateway")
    (made,) = (it["id"] for it in apigateway.get_rest_apis()["items"] if it["name"] == "description")
    resources = {it["path"]: it["id"] for it in apigateway.get_resources(restApiId=made)["items"]}
    needed = {
        path: apigateway.get_method(restApiId=made, resourceId=resources[path], httpMethod="GET")["apiKeyRequired"]
        for path in ("/open", "/closed")
    }
    assert needed == {"/open": False, "/closed": True}


@pytest.mark.parametrize(("fails", "reason"), [(True, "Unsupported model type: string"), (False, None)])
def test_a_warning_of_the_importer_is_an_error_with_fail_on_warnings(api: Api, fails: bool, reason: str) -> None:
    picture = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}

    failed = deploy_api(
        api.cloud, f"warning-{fails}".lower(), Body=description({"a": {"requestBody": picture}}), FailOnWarnings=fails
    )

    assert (reason in failed) if reason else failed is None


def test_a_header_that_no_response_declares_stops_the_import(api: Api) -> None:
    text = """{"openapi": "3.0.1", "info": {"title": "a", "version": "1"}, "paths": {"/a": {"get": {
        "operationId": "a", "responses": {"200": {"description": "fine"}}, "x-amazon-apigateway-integration": {
        "type": "mock", "responses": {"default": {"statusCode": "200", "responseParameters":
        {"method.response.header.ETag": "'x'"}}}}}}}}"""
    reason = deploy_api(api.cloud, "undeclared", Body=json.loads(text))

    assert "declares no header ETag" in reason


def description(operations: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI body with a path for each name: a POST if the operation has a body, else a GET."""
    integration = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'}}
    integration["responses"] = {"default": {"statusCode": "200"}}
    paths = {}
    for name, operation in operations.items():
        method = "post" if "requestBody" in operation else "get"
        answers = {"responses": {"200": {"description": "fine"}}, "x-amazon-apigateway-integration": integration}
        paths[f"/{name}"] = {method: {**operation, **answers}}
    return {"openapi": "3.0.1", "info": {"title": "description", "version": "1"}, "paths": paths}


def deploy_api(cloud: Cloud, stack: str, **properties: Any) -> str | None:
    """Creates an API by CloudFormation. Returns the reason if it fails."""
    cloudformation = cloud.client("cloudformation")
    resource = {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Api": resource}}))

    def end() -> list[str | None]:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        made = [None for it in events if it["ResourceStatus"] == "CREATE_COMPLETE"]
        return [it["ResourceStatusReason"] for it in events if it["ResourceStatus"] == "CREATE_FAILED"] or made

    return wait_for(end)[0]
