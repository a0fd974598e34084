"""What the extension adds to API Gateway: a whole OpenAPI body, and calls to S3 as the integration's role."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from clouds import STACK_TEMPLATE, Cloud, free_port, wait_for

from darkroom_local.layout import Instance

# Bytes that are no text in any encoding.
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
        return self._send("GET", path, None, headers)

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return self._send("POST", path, body, headers)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        outputs = self.cloud.outputs
        url = f"{outputs['Endpoint']}/restapis/{outputs['ApiId']}/v1/_user_request_{path}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return Answer(response.status, response.headers, json.load(response))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, json.load(error))

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


def test_every_request_has_a_key_of_its_own(api: Api) -> None:
    first, second = (api.post("/images", PICTURE, Content_Type="image/jpeg").body["key"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg; charset=x", "text/plain"])
def test_what_the_role_may_not_write_is_refused(api: Api, content_type: str) -> None:
    before = set(api.stored())

    answer = api.post("/images", PICTURE, Content_Type=content_type)

    assert (answer.status, answer.body) == (400, {"title": "this content type is not accepted"})
    assert set(api.stored()) == before


def test_ten_megabytes_pass_and_a_byte_more_does_not(api: Api) -> None:
    limit = 10 * 1024 * 1024

    assert api.post("/images", bytes(limit), Content_Type="image/jpeg").status == 202
    refused = api.post("/images", bytes(limit + 1), Content_Type="image/jpeg")
    assert (refused.status, refused.body) == (400, {"title": "too large", "status": 400})


def test_a_missing_parameter_is_named_through_the_gateway_response(api: Api) -> None:
    # urllib adds a content type of its own to a body, unless it is told an empty one.
    answer = api.post("/images", PICTURE, Content_Type="")

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


def test_a_mock_without_a_status_is_a_fault(api: Api) -> None:
    assert api.get("/mock").status == 500


def test_a_request_has_one_id_in_its_answer_and_in_the_function_s_event(api: Api) -> None:
    answer = api.get("/event")

    assert answer.body["event"]["requestContext"]["requestId"] == answer.headers["x-amzn-RequestId"]


def test_a_client_may_choose_the_id(api: Api) -> None:
    answer = api.post("/images", PICTURE, Content_Type="image/jpeg", X_Amzn_RequestId="mine")

    assert answer.headers["x-amzn-RequestId"] == "mine"
    assert answer.body["key"] == "uploads/image/jpeg/mine"


def test_a_header_that_no_response_declares_stops_the_import(api: Api) -> None:
    text = """{"openapi": "3.0.1", "info": {"title": "a", "version": "1"}, "paths": {"/a": {"get": {
        "operationId": "a", "responses": {"200": {"description": "fine"}}, "x-amazon-apigateway-integration": {
        "type": "mock", "responses": {"default": {"statusCode": "200", "responseParameters":
        {"method.response.header.ETag": "'x'"}}}}}}}}"""
    cloudformation = api.cloud.client("cloudformation")
    resource = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": json.loads(text)}}

    cloudformation.create_stack(StackName="undeclared", TemplateBody=json.dumps({"Resources": {"Api": resource}}))

    def reasons() -> list[str]:
        events = cloudformation.describe_stack_events(StackName="undeclared")["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]

    assert "declares no header ETag" in wait_for(reasons)[0]
