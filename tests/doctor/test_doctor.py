"""`darkroom doctor`: all green on a healthy stack, and on a broken one the first red line names the fault."""

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
from examination import WITHIN_S, Outputs, command, environment_of, examine, remains
from faults import FAULTS, Stack

PATIENT = "darkroom-doctor"
# Between them: each Authorization, both intakes, with and without CDN, both types of workflow.
STACKS: dict[str, dict[str, str]] = {
    PATIENT: {"Delivery": "CloudFront"},
    "darkroom-doctor-cognito": {"Authorization": "Cognito", "Intake": "queue"},
    "darkroom-doctor-iam": {"Authorization": "Iam"},
    "darkroom-doctor-express": {"WorkflowType": "EXPRESS", "Intake": "queue", "Delivery": "CloudFront"},
}
# What may be skipped, and where.
SKIPPED = {"CDN: settings", "CDN: delivers a rendition"}

Deploy = Callable[..., Outputs]


@pytest.fixture(scope="session")
def deployed(deploy: Deploy) -> Callable[[str], Outputs]:
    """Deploys a stack, once."""
    known: dict[str, Outputs] = {}

    def find(name: str) -> Outputs:
        if name not in known:
            known[name] = deploy(name, ApiLogRole="existing", **STACKS[name])
        return known[name]

    return find


@pytest.fixture
def patient(deployed: Callable[[str], Outputs]) -> Outputs:
    return deployed(PATIENT)


@pytest.mark.parametrize("name", STACKS)
def test_a_healthy_stack_is_all_green_and_nothing_is_left_behind(name: str, deployed: Any) -> None:
    outputs = deployed(name)
    before = remains(outputs)

    examination = examine(outputs)

    assert (examination.failed, examination.code) == ([], 0), examination.text
    skipped = {line["check"] for line in examination.lines if line.get("result") == "skipped"}
    assert skipped == (set() if "Delivery" in STACKS[name] else SKIPPED), examination.text
    assert remains(outputs) == before


def test_every_route_is_tried(patient: Outputs) -> None:
    described = yaml.safe_load((REPOSITORY / "api" / "openapi.yaml").read_text(encoding="utf-8"))
    methods = [
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method in {"get", "put", "post", "delete", "patch"} and path != "/health"
    ]
    assert len(methods) >= 7

    seen = examine(patient).line("API: closed without credentials")["seen"]

    assert seen == f"{len(methods)} routes answer 401 or 403"


@pytest.mark.parametrize(("fault", "check", "cause"), FAULTS, ids=[fault.__name__ for fault, _, _ in FAULTS])
def test_the_first_red_line_names_the_fault(
    fault: Callable[[Stack], AbstractContextManager[None]], check: str, cause: str, patient: Outputs
) -> None:
    with fault(Stack(patient)):
        examination = examine(patient, "--timeout", "20")

        assert examination.code == 1, examination.text
        first = examination.failed[0]
        assert (first["check"], cause in first["cause"]) == (check, True), examination.text
        assert first["fix"]
    left = remains(patient)
    assert not any(left.values()), left


def test_expired_credentials_are_the_first_red_line(patient: Outputs) -> None:
    unchecked = Config(parameter_validation=False)  # AWS gives out no session of less than 15 minutes
    sts = client_at(patient, "sts", config=unchecked)
    role = Stack(patient).physical("ValidateFunctionRole")
    arn = f"arn:aws:iam::000000000000:role/{role}"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="short", DurationSeconds=1)["Credentials"]
    time.sleep(1.5)

    examination = examine(
        patient,
        AWS_ACCESS_KEY_ID=session["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
        AWS_SESSION_TOKEN=session["SessionToken"],
    )

    assert examination.code == 2
    assert examination.failed[0]["check"] == "credentials and region"
    assert "the credentials have expired" in examination.failed[0]["cause"]
    assert len(examination.failed) == 1


def test_a_stack_that_does_not_exist_is_named(patient: Outputs) -> None:
    examination = examine({**patient, "StackName": "darkroom-nowhere"})

    assert examination.code == 2
    assert "darkroom-nowhere" in examination.failed[0]["cause"]


def test_no_secret_and_no_account_is_printed_for_programs(patient: Outputs) -> None:
    text = examine(patient).text

    assert patient["ApiKey"] not in text
    assert "000000000000" not in text and "ACCOUNT" in text
    assert "X-Amz-Signature" not in text


@pytest.mark.parametrize("times", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(times: signal.Signals, patient: Outputs) -> None:
    before = remains(patient)
    running = subprocess.Popen(
        [*command(patient), "--json"], env=environment_of(patient), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert running.stdout is not None
    while '"listener for events"' not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(times)
    said, errors = running.communicate(timeout=WITHIN_S)

    assert running.returncode == 2, said + errors
    assert "interrupted" in errors
    assert '"everything is deleted"' in said
    assert '"upload by presigned PUT"' not in said
    assert remains(patient) == before
