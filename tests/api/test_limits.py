"""The rate, burst and quota of a key, and many uploads at once."""

from __future__ import annotations

import collections
import uuid
from concurrent.futures import ThreadPoolExecutor

from calls import Api, with_key
from pictures import JPEG

PARALLEL_UPLOADS = 200


def test_more_requests_than_the_burst_are_429(api: Api) -> None:
    limited = limited_by(api, throttle={"rateLimit": 1, "burstLimit": 1})
    assert limited.call("GET", "/images").status == 200

    answer = limited.call("GET", "/images")

    assert answer.problem(429) and answer.headers["Retry-After"] == "1"


def test_more_requests_than_the_quota_are_429(api: Api) -> None:
    limited = limited_by(api, quota={"limit": 1, "period": "MONTH"})
    assert limited.call("GET", "/images").status == 200

    assert "month" in limited.call("GET", "/images").problem(429)["detail"]


def test_each_of_many_uploads_at_once_is_completed_by_one_execution(api: Api) -> None:
    generous = limited_by(api, throttle={"rateLimit": 10_000, "burstLimit": 5_000})
    with ThreadPoolExecutor(PARALLEL_UPLOADS) as threads:
        answers = list(threads.map(lambda _: generous.upload(JPEG), range(PARALLEL_UPLOADS)))

    assert collections.Counter(answer.status for answer in answers) == {202: PARALLEL_UPLOADS}
    keys = {answer.json["key"] for answer in answers}
    assert len(keys) == PARALLEL_UPLOADS
    with ThreadPoolExecutor(8) as threads:
        records = list(threads.map(generous.finished, keys))
    assert collections.Counter(record["status"] for record in records) == {"completed": PARALLEL_UPLOADS}
    # One execution for each upload, and that execution closed the record.
    executions = {record["execution"] for record in records}
    since = {execution["executionArn"] for execution in api.stack.executions()[:PARALLEL_UPLOADS]}
    assert len(executions) == PARALLEL_UPLOADS and since == executions


def limited_by(api: Api, **limits: dict[str, object]) -> Api:
    """The same API, with a new key in a usage plan with these limits."""
    gateway, outputs = api.stack.client("apigateway"), api.stack.outputs
    stages = [{"apiId": outputs["ApiId"], "stage": outputs["ApiStage"]}]
    key = gateway.create_api_key(name=f"key-{uuid.uuid4()}", enabled=True, value=uuid.uuid4().hex)
    plan = gateway.create_usage_plan(name=f"plan-{uuid.uuid4()}", apiStages=stages, **limits)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    return Api(api.stack, with_key(key["value"]))
