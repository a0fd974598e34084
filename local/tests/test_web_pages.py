"""A web page cannot use the local cloud. Tested in a browser, and by single requests without one."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromium
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from clouds import Cloud

from darkroom_local.clients import client_at

OTHER_SITES = [
    {"Origin": "http://attacker.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
]
# A call of each service that the template uses, because each has its own protocol.
CALLS = [
    ("apigateway", "get_rest_apis", {}),
    ("cloudformation", "list_stacks", {}),
    ("cloudfront", "list_distributions", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
    ("dynamodb", "list_tables", {}),
    ("events", "list_rules", {}),
    ("iam", "list_roles", {}),
    ("kms", "list_keys", {}),
    ("lambda", "list_functions", {}),
    ("logs", "describe_log_groups", {}),
    ("s3", "list_buckets", {}),
    ("secretsmanager", "list_secrets", {}),
    ("sns", "list_topics", {}),
    ("sqs", "list_queues", {}),
    ("ssm", "describe_parameters", {}),
    ("stepfunctions", "list_state_machines", {}),
    ("sts", "get_caller_identity", {}),
]
REFUSALS = {
    "AccessDenied", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException", "SignatureDoesNotMatch", "403",
    "UnrecognizedClientException",
}  # fmt: skip


def send(cloud: Cloud, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """Sends a request exactly as given; its status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.instance.port, timeout=600)
    connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    with connection.getresponse() as answer:
        return answer.status, answer.read().decode(errors="replace")


SPOILED: dict[str, Callable[[str], str | None]] = {
    "another signature": lambda signed: re.sub("Signature=.{8}", "Signature=00000000", signed),
    "the former key of root": lambda signed: re.sub("Credential=[^/]+", "Credential=test", signed),
    "an account as the key": lambda signed: re.sub("Credential=[^/]+", "Credential=000000000000", signed),
    "no key": lambda signed: re.sub("Credential=[^/]+", "Credential=", signed),
    "another scheme": lambda signed: "Bearer anything",
    "no signature": lambda signed: None,
}


@pytest.mark.parametrize(("service", "call", "arguments"), CALLS, ids=[service for service, _, _ in CALLS])
def test_a_request_that_root_did_not_sign_is_refused(
    deployed: Cloud, service: str, call: str, arguments: dict[str, Any]
) -> None:
    client = deployed.client(service)
    getattr(client, call)(**arguments)

    for name, spoiled in SPOILED.items():
        def break_signature(request: Any, spoiled: Any = spoiled, **_: Any) -> None:
            signed = request.headers.pop("Authorization")
            if (value := spoiled(signed if isinstance(signed, str) else signed.decode())) is not None:
                request.headers["Authorization"] = value

        client.meta.events.register("before-send", break_signature, unique_id="break-signature")
        try:
            getattr(client, call)(**arguments)
        except ClientError as refused:
            error = refused.response
        else:
            pytest.fail(f"{name}: not refused")
        finally:
            client.meta.events.unregister("before-send", unique_id="break-signature")
        assert error["Error"]["Code"] in REFUSALS, (name, error)
        assert error["ResponseMetadata"]["HTTPStatusCode"] in (400, 403), (name, error)


@pytest.mark.parametrize("headers", OTHER_SITES, ids=[" ".join(headers.values()) for headers in OTHER_SITES])
def test_a_page_of_another_origin_is_refused_even_with_roots_signature(
    deployed: Cloud, headers: dict[str, str]
) -> None:
    list_functions = signed(deployed, "GET", "lambda", "/2015-03-31/functions")

    assert send(deployed, "GET", "/2015-03-31/functions", **list_functions)[0] == 200
    status, text = send(deployed, "GET", "/2015-03-31/functions", **list_functions, **headers)

    assert (status, "nothing else" in text) == (403, True)
    preflight = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "authorization"}
    assert send(deployed, "OPTIONS", "/2015-03-31/functions", **headers, **preflight)[0] == 403


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "10.0.0.1", ""]
)
def test_a_host_that_is_not_loopback_is_refused(deployed: Cloud, host: str) -> None:
    port = deployed.instance.port

    assert send(deployed, "GET", "/_ministack/health", Host=f"{host}:{port}")[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "bucket.s3.localhost"])
def test_a_loopback_host_is_answered(deployed: Cloud, host: str) -> None:
    assert send(deployed, "GET", "/_ministack/health", Host=f"{host}:{deployed.instance.port}")[0] == 200


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/_ministack/sqs/messages", "/_aws/ses"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_control_pages_of_the_emulator_are_switched_off(deployed: Cloud, method: str, path: str) -> None:
    assert send(deployed, method, path)[0] == 403


def test_a_page_reaches_a_deployed_api(deployed: Cloud) -> None:
    status, text = send(deployed, "GET", "/restapis/0/v1/_user_request_/images", Origin="http://app.example")

    assert status != 403 or "nothing else" not in text


def test_roots_key_is_new_at_each_start_and_only_its_owner_can_read_it(cloud: Cloud, deployed: Cloud) -> None:
    cloud.run("start", "--lasting")
    first = cloud.instance.access()
    cloud.run("restart")
    assert cloud.instance.access() == first
    cloud.run("stop")
    cloud.run("start")

    assert cloud.instance.access()["SecretAccessKey"] != first["SecretAccessKey"]
    assert deployed.outputs["SecretAccessKey"] == deployed.instance.access()["SecretAccessKey"]
    for file in (cloud.instance.state_file, deployed.instance.outputs_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert deployed.outputs["SecretAccessKey"] not in deployed.instance.log_file.read_text()


def test_a_functions_key_cannot_be_computed(deployed: Cloud) -> None:
    seen = environment_of_function(deployed)
    function = deployed.client("lambda").get_function_configuration(FunctionName=deployed.outputs["EchoFunctionName"])
    digest = hashlib.sha256(f"{function['FunctionArn']}:{function['Role']}".encode()).hexdigest()
    assert seen["AWS_SECRET_ACCESS_KEY"] != hashlib.sha256(f"secret:{digest}".encode()).hexdigest()
    assert deployed.instance.access()["SecretAccessKey"] not in seen.values()


def test_the_runtime_api_refuses_browsers(deployed: Cloud) -> None:
    address = environment_of_function(deployed)["AWS_LAMBDA_RUNTIME_API"]
    for name, value in (("Origin", "http://a.example"), ("Sec-Fetch-Site", "cross-site"), ("Host", "a.example")):
        connection = http.client.HTTPConnection(address, timeout=600)
        connection.request("POST", "/2018-06-01/runtime/init/error", b"{}", {name: value})
        assert connection.getresponse().status == 403
    assert environment_of_function(deployed)["AWS_LAMBDA_RUNTIME_API"] == address, "the function still runs"


class Page:
    """The requests that a page of another site tries, in a real browser."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        self.folder = folder
        self.port = cloud.instance.port
        self.bucket = cloud.outputs["SourceBucketName"]
        self.mark = folder / "touched"

    def attempts(self, host: str) -> list[dict[str, Any]]:
        """Each call without credentials, with the former key of root, and signed by root for the host."""
        function = self.cloud.outputs["EchoFunctionName"]
        role = self.cloud.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        create = json.dumps({
            "FunctionName": "planted", "Runtime": "python3.11", "Handler": "a.b", "Role": role,
            "Code": {"ZipFile": base64.b64encode(archive()).decode()},
        })  # fmt: skip
        invoke = json.dumps({"touch": str(self.mark)})
        calls = [
            ("create a function", "POST", "lambda", "/2015-03-31/functions", create),
            ("invoke a function", "POST", "lambda", f"/2015-03-31/functions/{function}/invocations", invoke),
            ("list buckets", "GET", "s3", "/", ""),
            ("put an object", "PUT", "s3", f"/{self.bucket}/planted", "planted"),
        ]
        return [
            {"name": f"{name}, {way}", "url": f"http://{host}{path}", "options": options}
            for name, method, service, path, body in calls
            for way, options in self._requests_of_a_page(host, method, service, path, body)
        ]

    def _requests_of_a_page(
        self, host: str, method: str, service: str, path: str, body: str
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        content = {"method": method, **({"body": body} if body else {})}
        signed_by_root = signed(self.cloud, method, service, path, body.encode(), host)
        of_before = re.sub("Credential=[^/]+", "Credential=test", signed_by_root["Authorization"])
        old = {**signed_by_root, "Authorization": of_before}
        if method != "PUT":
            yield "unsigned, no-cors", {**content, "mode": "no-cors"}
        yield "unsigned", content
        yield "with the former key", {**content, "headers": old}
        yield "signed by root", {**content, "headers": signed_by_root}

    def effects(self) -> list[str]:
        """The effects of the requests on the cloud."""
        functions = self.cloud.client("lambda").list_functions()["Functions"]
        listed = self.cloud.client("s3").list_objects_v2(Bucket=self.bucket, Prefix="planted")
        return [
            *(["a function was created"] if any(one["FunctionName"] == "planted" for one in functions) else []),
            *(["a function ran"] if self.mark.exists() else []),
            *(["an object was stored"] if listed["KeyCount"] else []),
        ]


@pytest.fixture
def page(deployed: Cloud, tmp_path: Path) -> Page:
    chromium.find()
    return Page(deployed, tmp_path)


def test_a_page_of_another_site_has_no_effect(page: Page, tmp_path: Path) -> None:
    attempts = page.attempts(f"127.0.0.1:{page.port}")
    with chromium.site(attempts) as (port, results):
        names = {"attacker.example": "127.0.0.1"}
        answers = chromium.visit(f"http://attacker.example:{port}/page", names, results, tmp_path / "profile")

    assert [one["name"] for one in answers] == [one["name"] for one in attempts]
    # The page may read none of the answers.
    assert {(one["type"], one["status"]) for one in answers} <= {("opaque", 0), ("error", 0)}
    assert page.effects() == []


def test_a_page_whose_name_resolves_to_the_cloud_has_no_effect(page: Page, tmp_path: Path) -> None:
    host = f"attacker.example:{page.port}"
    attempts = [one for one in page.attempts(host) if one["options"].get("mode") != "no-cors"]
    with chromium.site(attempts) as (port, results), chromium.dns_rebinding(port, page.port) as rebound:
        answers = chromium.visit(f"http://{host}/page", {host: f"127.0.0.1:{rebound}"}, results, tmp_path / "profile")

    assert [one["name"] for one in answers] == [one["name"] for one in attempts]
    # The page may read these answers, because for the browser they are same-origin.
    assert {(one["type"], one["status"]) for one in answers} == {("basic", 403)}
    assert all("loopback" in one["text"] for one in answers)
    assert page.effects() == []


def test_a_page_may_use_a_presigned_link_if_the_buckets_cors_allows_it(page: Page, tmp_path: Path) -> None:
    bucket = f"cors-{page.port}"
    s3 = client_at(page.cloud.instance.access(), "s3", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket=bucket)
    links = {
        name: s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": name}) for name in ("yes", "no")
    }
    attempts = [{"name": name, "url": url, "options": {"method": "PUT", "body": "x"}} for name, url in links.items()]
    with chromium.site(attempts[:1]) as (port, results):
        allowed = {"AllowedOrigins": [f"http://app.example:{port}"], "AllowedMethods": ["PUT"]}
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [allowed]})
        names = {"app.example": "127.0.0.1", "other.example": "127.0.0.1"}
        (answers,) = chromium.visit(f"http://app.example:{port}/page", names, results, tmp_path / "first")
        assert (answers["type"], answers["status"]) == ("cors", 200)
    with chromium.site(attempts[1:]) as (port, results):
        (answers,) = chromium.visit(f"http://other.example:{port}/page", names, results, tmp_path / "second")
        assert answers["type"] == "error"

    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["yes"]


def signed(
    cloud: Cloud, method: str, service: str, path: str, body: bytes = b"", host: str | None = None
) -> dict[str, str]:
    """The headers of a request that root signed for a host."""
    access = cloud.instance.access()
    credentials = Credentials(access["AccessKeyId"], access["SecretAccessKey"])
    request = AWSRequest(method, f"http://{host or urlsplit(access['Endpoint']).netloc}{path}", data=body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials, service, access["Region"]).add_auth(request)
    return dict(request.headers)


def archive() -> bytes:
    """The code of a function, as a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.py", "")
    return packed.getvalue()


def environment_of_function(cloud: Cloud) -> dict[str, str]:
    answer = cloud.client("lambda").invoke(FunctionName=cloud.outputs["EchoFunctionName"], Payload=b"{}")
    return json.load(answer["Payload"])["environment"]
