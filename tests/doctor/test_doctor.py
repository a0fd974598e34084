"""`darkroom doctor`: every check passes on a healthy stack, and the first failed check of a broken one names the
fault."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import yaml
from botocore.config import Config
from darkroom_local.clients import client_at
from darkroom_local.layout import REPOSITORY
from doctor_runs import WITHIN_S, Outputs, command, environment_of, leftovers, run_doctor
from faults import FAULTS, Stack

MAIN_STACK = "darkroom-doctor"
# Together, the stacks have each Authorization, both intakes, both types of workflow, and a CDN or none.
STACKS: dict[str, dict[str, str]] = {
    MAIN_STACK: {"Delivery": "CloudFront"},
    "darkroom-doctor-cognito": {"Authorization": "Cognito", "Intake": "queue"},
    "darkroom-doctor-iam": {"Authorization": "Iam"},
    "darkroom-doctor-express": {"WorkflowType": "EXPRESS", "Intake": "queue", "Delivery": "CloudFront"},
}
# The checks that a stack without a CDN skips.
SKIPPED = {"CDN: settings", "CDN: delivers a rendition"}

Deploy = Callable[..., Outputs]


@pytest.fixture(scope="session")
def deployed(deploy: Deploy) -> Callable[[str], Outputs]:
    """Deploys a stack at its first use."""
    known: dict[str, Outputs] = {}

    def find(name: str) -> Outputs:
        if name not in known:
            known[name] = deploy(name, ApiLogRole="existing", **STACKS[name])
        return known[name]

    return find


@pytest.fixture
def healthy(deployed: Callable[[str], Outputs]) -> Outputs:
    return deployed(MAIN_STACK)


@pytest.mark.parametrize("name", STACKS)
def test_a_healthy_stack_passes_every_check_and_nothing_is_left_behind(name: str, deployed: Any) -> None:
    outputs = deployed(name)
    before = leftovers(outputs)

    report = run_doctor(outputs)

    assert (report.failed, report.code) == ([], 0), report.text
    skipped = {line["check"] for line in report.lines if line.get("result") == "skipped"}
    assert skipped == (set() if "Delivery" in STACKS[name] else SKIPPED), report.text
    assert leftovers(outputs) == before


def test_every_route_is_checked(healthy: Outputs) -> None:
    described = yaml.safe_load((REPOSITORY / "api" / "openapi.yaml").read_text(encoding="utf-8"))
    methods = [
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete", "patch"} and path != "/health"
    ]
    assert len(methods) >= 7

    seen = run_doctor(healthy).line("API: closed without credentials")["seen"]

    assert seen == f"{len(methods)} routes answer 401 or 403"


@pytest.mark.parametrize(("fault", "check", "cause"), FAULTS, ids=[fault.__name__ for fault, _, _ in FAULTS])
def test_the_first_failed_check_names_the_fault(
    fault: Callable[[Stack], AbstractContextManager[None]], check: str, cause: str, healthy: Outputs
) -> None:
    with fault(Stack(healthy)):
        report = run_doctor(healthy, "--timeout", "20")

        assert report.code == 1, report.text
        first = report.failed[0]
        assert (first["check"], cause in first["cause"]) == (check, True), report.text
        assert first["fix"]
    left = leftovers(healthy)
    assert not any(left.values()), left


def test_expired_credentials_fail_the_first_check(healthy: Outputs) -> None:
    unchecked = Config(parameter_validation=False)  # the SDK refuses sessions of less than 15 minutes
    sts = client_at(healthy, "sts", config=unchecked)
    role = Stack(healthy).physical("ValidateFunctionRole")
    arn = f"arn:aws:iam::000000000000:role/{role}"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="short", DurationSeconds=1)["Credentials"]
    time.sleep(1.5)

    report = run_doctor(
        healthy,
        AWS_ACCESS_KEY_ID=session["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
        AWS_SESSION_TOKEN=session["SessionToken"],
    )

    assert report.code == 2
    assert report.failed[0]["check"] == "credentials and region"
    assert "the credentials have expired" in report.failed[0]["cause"]
    assert len(report.failed) == 1


def test_a_stack_that_does_not_exist_is_named(healthy: Outputs) -> None:
    report = run_doctor({**healthy, "StackName": "darkroom-nowhere"})

    assert report.code == 2
    assert "darkroom-nowhere" in report.failed[0]["cause"]


def test_the_json_output_contains_no_secret_and_no_account(healthy: Outputs) -> None:
    text = run_doctor(healthy).text

    assert healthy["ApiKey"] not in text
    assert "000000000000" not in text and "ACCOUNT" in text
    assert "X-Amz-Signature" not in text


@pytest.mark.parametrize("received", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(received: signal.Signals, healthy: Outputs) -> None:
    before = leftovers(healthy)
    running = subprocess.Popen(
        [*command(healthy), "--json"], env=environment_of(healthy), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert running.stdout is not None
    while '"listener for events"' not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(received)
    said, errors = running.communicate(timeout=WITHIN_S)

    assert running.returncode == 2, said + errors
    assert "interrupted" in errors
    assert '"everything is deleted"' in said
    assert '"upload by presigned PUT"' not in said
    assert leftovers(healthy) == before
