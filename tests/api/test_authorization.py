"""Which callers the API accepts, and the answers to the others."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import pytest
from callers import access_key, id_token
from calls import Api, Sign, send, unsigned, with_key, with_signature, with_token
from pictures import JPEG
from stacks import Stack


def refused(stack: Stack, sign: Sign, status: int) -> Any:
    """The problem that an upload and a GET are answered with. Also checks that nothing is stored."""
    before, api = stack.sources(), Api(stack, sign)
    api.upload(JPEG).problem(status)
    problem = api.call("GET", "/images").problem(status)
    assert stack.sources() == before
    return problem


def test_a_request_without_a_key_is_refused(usual: Stack) -> None:
    assert "X-Api-Key" in refused(usual, unsigned, 403)["detail"]


def test_a_wrong_key_is_refused(usual: Stack) -> None:
    refused(usual, with_key("a" * 40), 403)


def test_a_key_of_another_usage_plan_is_refused(usual: Stack) -> None:
    made = usual.client("apigateway").create_api_key(name="of no plan", enabled=True, value=uuid.uuid4().hex)

    refused(usual, with_key(made["value"]), 403)


def test_a_request_without_a_token_is_refused(cognito: Stack) -> None:
    answer = Api(cognito, unsigned).call("GET", "/images")

    assert "Bearer" in answer.problem(401)["detail"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_is_refused(cognito: Stack) -> None:
    pool, idp = cognito.outputs["UserPoolId"], cognito.client("cognito-idp")
    client = {"UserPoolId": pool, "ClientId": cognito.outputs["UserPoolClientId"]}
    flows = idp.describe_user_pool_client(**client)["UserPoolClient"]["ExplicitAuthFlows"]
    idp.update_user_pool_client(
        **client, ExplicitAuthFlows=flows, IdTokenValidity=1, TokenValidityUnits={"IdToken": "seconds"}
    )
    token = id_token(cognito, pool, client["ClientId"])
    idp.update_user_pool_client(
        **client, ExplicitAuthFlows=flows, IdTokenValidity=1, TokenValidityUnits={"IdToken": "hours"}
    )
    time.sleep(max(0.0, claims(token)["exp"] - time.time()) + 0.1)

    refused(cognito, with_token(token), 401)


def test_a_token_of_another_pool_is_refused(cognito: Stack) -> None:
    idp = cognito.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="another")["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="another", ExplicitAuthFlows=flows)

    refused(cognito, with_token(id_token(cognito, pool, client["UserPoolClient"]["ClientId"])), 401)


def test_a_token_of_another_client_of_the_pool(cognito: Stack, other_pool: Stack) -> None:
    pool, idp = cognito.outputs["UserPoolId"], cognito.client("cognito-idp")
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="of another application", ExplicitAuthFlows=flows)
    token = id_token(cognito, pool, client["UserPoolClient"]["ClientId"])

    for stack in (cognito, other_pool):
        refused(stack, with_token(token), 401)


def test_a_token_without_a_signature_is_refused(cognito: Stack, token: str) -> None:
    header, payload, _ = token.split(".")
    none = encoded({**json.loads(decoded(header)), "alg": "none"})

    refused(cognito, with_token(f"{none}.{payload}."), 401)


def test_a_token_with_changed_claims_is_refused(cognito: Stack, token: str) -> None:
    header, _, signature = token.split(".")

    refused(cognito, with_token(f"{header}.{encoded({**claims(token), 'sub': 'somebody'})}.{signature}"), 401)


def test_users_of_an_existing_pool_are_accepted(other_pool: Stack, token: str) -> None:
    assert Api(other_pool, with_token(token)).call("GET", "/images").status == 200
    assert "UserPoolId" not in other_pool.outputs
    refused(other_pool, unsigned, 401)


def test_a_request_without_a_signature_is_refused(iam: Stack) -> None:
    assert "Signature Version 4" in refused(iam, unsigned, 403)["detail"]


def test_a_signature_with_a_wrong_secret_is_refused(iam: Stack) -> None:
    key, _ = access_key(iam, allowed=True)

    before = iam.sources()
    assert Api(iam, with_signature(key, "wrong")).upload(JPEG).status == 403
    assert iam.sources() == before


def test_an_iam_user_without_the_right_is_refused(iam: Stack) -> None:
    before = iam.sources()
    assert Api(iam, with_signature(*access_key(iam, allowed=False))).upload(JPEG).status == 403
    assert iam.sources() == before


SCOPES = {
    "read": {"GET /images", "GET /images/*"},
    "upload": {"POST /images", "POST /uploads", "GET /uploads"},
    "manage": {"DELETE /images/*", "POST /executions"},
}


@pytest.mark.parametrize("scope", SCOPES)
def test_an_iam_policy_can_limit_a_user_to_the_calls_of_a_scope(iam: Stack, scope: str) -> None:
    arn = f"arn:aws:execute-api:*:*:{iam.outputs['ApiId']}/{iam.outputs['ApiStage']}/"
    allowed = [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn + call.replace(" /", "/")}
               for call in SCOPES[scope]]  # fmt: skip
    api = Api(iam, with_signature(*iam.user(*allowed)))

    answered = {
        "GET /images": api.call("GET", "/images").status,
        "GET /images/*": api.show("none.jpg").status,
        "POST /images": api.upload(b"", "text/plain").status,
        "POST /uploads": api.post_json("/uploads", {}).status,
        "GET /uploads": api.call("GET", "/uploads?filename=a&content_type=a&byte_len=1").status,
        "DELETE /images/*": api.call("DELETE", "/images/none.jpg").status,
        "POST /executions": api.post_json("/executions", {}).status,
    }

    assert {call for call, status in answered.items() if status != 403} == SCOPES[scope]


def test_only_keys_that_manage_delete_and_process_again(usual: Stack, api: Api) -> None:
    gateway, outputs = usual.client("apigateway"), usual.outputs
    made = gateway.create_api_key(name="uploads and reads", enabled=True, value=uuid.uuid4().hex)
    (plan,) = [plan["id"] for plan in gateway.get_usage_plans(keyId=outputs["ApiKeyId"])["items"]]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=made["id"], keyType="API_KEY")
    other = Api(usual, with_key(made["value"]))
    key = other.upload(JPEG).json["key"]
    before = other.finished(key)

    for answer in (other.call("DELETE", f"/images/{key}"), other.post_json("/executions", {"key": key})):
        assert "ApiManageKeys" in answer.problem(403)["detail"]

    assert other.show(key).json == before | {"renditions": other.show(key).json["renditions"]}
    assert api.call("DELETE", f"/images/{key}").status == 204


@pytest.mark.parametrize("stack", ["cognito", "iam"])
def test_an_api_without_keys_refuses_a_key(request: pytest.FixtureRequest, usual: Stack, stack: str) -> None:
    url = request.getfixturevalue(stack).outputs["ApiUrl"]

    assert send("GET", f"{url}/images", headers={"X-Api-Key": usual.outputs["ApiKey"]}).status in (401, 403)


def claims(token: str) -> Any:
    return json.loads(decoded(token.split(".")[1]))


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
