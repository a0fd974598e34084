"""CORS: only pages of the origins in the parameter may call the API."""

from __future__ import annotations

import pytest
from calls import Answer, Api, send
from pictures import JPEG

ALLOWED, ANOTHER = "https://a.example", "https://b.example"


def preflight(api: Api, path: str, origin: str) -> Answer:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return send("OPTIONS", api.stack.outputs["ApiUrl"] + path, headers=headers)


@pytest.mark.parametrize("path", ["/images", "/images/a/b.jpg", "/uploads", "/executions"])
def test_a_page_of_an_allowed_origin_may_call(iam_api: Api, path: str) -> None:
    answer = preflight(iam_api, path, ALLOWED)

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "X-Api-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE,GET,POST"
    assert answer.headers["Vary"] == "Origin"


def test_every_origin_of_the_list_may_call(iam_api: Api) -> None:
    answer = preflight(iam_api, "/images", "http://localhost:8080")

    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8080"


def test_a_page_of_another_origin_may_not_call(iam_api: Api) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(iam_api, "/images", ANOTHER).headers


def test_without_the_parameter_no_page_may_call(api: Api) -> None:
    assert preflight(api, "/images", ALLOWED).status == 404
    for answer in (api.upload(JPEG), api.upload(JPEG, "text/plain"), api.call("GET", "/images")):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_may_read_answers_and_problems(iam_api: Api) -> None:
    answers = [
        iam_api.call("POST", "/images", JPEG, Content_Type="image/jpeg", Origin=ALLOWED),
        iam_api.call("POST", "/images", JPEG, Content_Type="text/plain", Origin=ALLOWED),
        iam_api.call("POST", "/images", JPEG, Origin=ALLOWED),
        iam_api.call("GET", "/images", Origin=ALLOWED),
        iam_api.call("GET", "/images?limit=0", Origin=ALLOWED),
    ]

    assert [answer.status for answer in answers] == [202, 400, 400, 200, 400]
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} <= {ALLOWED, "*"}


def test_a_presigned_upload_may_come_from_the_page(iam_api: Api) -> None:
    bucket = iam_api.stack.outputs["SourceBucketName"]

    (rule,) = iam_api.stack.client("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]

    assert rule["AllowedOrigins"] == [ALLOWED, "http://localhost:8080"]
    assert rule["AllowedMethods"] == ["PUT"]
