"""The OpenAPI description agrees with the behaviour of the API."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calls import Api
from darkroom_local.layout import REPOSITORY

SCHEMATHESIS = REPOSITORY / ".local" / "schemathesis" / "bin" / "schemathesis"
SECONDS = 60
# Without "unsupported_method", because API Gateway never answers 405. Without "positive_data_acceptance", because a
# valid request for a key that does not exist is a 404.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def exported(authorization: str, *url: str) -> Any:
    command = [sys.executable, str(REPOSITORY / "api" / "export.py"), authorization, *url]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("authorization", ["ApiKey", "Cognito", "Iam"])
def test_the_export_has_one_kind_of_authorisation_and_no_extension_of_amazon(authorization: str) -> None:
    described = exported(authorization)

    (scheme,) = described["components"]["securitySchemes"]
    secured = [it["security"] for item in described["paths"].values() for it in item.values() if "security" in it]
    assert [it for it in secured if it] == [[{scheme: []}]] * 7 and secured.count([]) == 1
    assert "x-amazon" not in json.dumps(described) and "Fn::" not in json.dumps(described)
    assert set(described["paths"]) == {"/images", "/images/{key}", "/uploads", "/executions", "/health"}


def test_the_api_conforms_to_its_description(api: Api, tmp_path: Path) -> None:
    if not SCHEMATHESIS.exists():
        pytest.skip("schemathesis is not installed: `python3 local/cloud.py setup schemathesis`")
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(exported("ApiKey", api.stack.outputs["ApiUrl"])))
    command = [
        str(SCHEMATHESIS), "run", str(description),
        "--url", api.stack.outputs["ApiUrl"],
        "--header", f"x-api-key: {api.stack.outputs['ApiKey']}",
        "--checks", CHECKS,
        "--max-examples", "20",
        "--max-time", str(SECONDS),
        "--request-timeout", "600",
        "--seed", "1",
        # A key can be any text, but most generated text is not a valid path.
        "--suppress-health-check", "filter_too_much",
        "--output-sanitize", "false",
        "--no-color",
    ]  # fmt: skip

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1800, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
