"""The user's own profiles, deployed as docs/profiles.md says: by `make up`, and by the script that deploys to AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from darkroom_local import cargo
from darkroom_local.clients import client_at
from darkroom_local.deploy import architecture
from darkroom_local.layout import REPOSITORY, SAM_ENVIRONMENT, Instance
from darkroom_local.parameters import names
from uploads import finished, upload

PAGE = (REPOSITORY / "docs" / "profiles.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"```json profiles=(\S+)\n(.*?)```", PAGE, re.DOTALL))
STACK = "darkroom-profiles"
DARKROOM = cargo.target_folder() / "debug" / "darkroom"

# File of the recipe, key of an upload, and the size of each rendition.
EXPECTED = {
    "damaged.json": {"uploads/a.jpg": {"preview": (800, 600)}},
    "thumbnails.json": {"uploads/a.jpg": {"200x200": (200, 150), "400x400": (400, 300)}},
    "responsive.json": {
        "uploads/a.jpg": {
            "w320-avif": (320, 240), "w640-avif": (640, 480), "w1280-avif": (1280, 960),
            "w320": (320, 240), "w640": (640, 480), "w1280": (1280, 960),
        }
    },
    "art-direction.json": {
        "uploads/a.jpg": {"phone": (600, 600), "banner": (1600, 400), "whole": (2048, 1536)},
        "avatars/a.jpg": {"square": (128, 128)},
    },
}  # fmt: skip


def outputs_of(instance: Instance) -> dict[str, str]:
    return json.loads(instance.outputs_file_of(STACK).read_text(encoding="utf-8"))


def cloud_py(instance: Instance, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command behind `make up`, on the local cloud of the tests."""
    place = ["--dir", str(instance.folder), "--port", str(instance.port)]
    command = [sys.executable, str(REPOSITORY / "local" / "cloud.py"), *place, "deploy", "--built", "--stack", STACK]
    return subprocess.run([*command, *words], capture_output=True, text=True, check=False, cwd=REPOSITORY)


Rendered = Callable[[dict[str, str], str], dict[str, tuple[int, int]]]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory) -> Rendered:
    """Uploads a picture of 2309×1732 px under a new key like the given one. Returns each rendition's size."""
    picture = tmp_path_factory.mktemp("picture") / "chart.jpg"
    subprocess.run([str(DARKROOM), "chart", str(picture), "--megapixels", "4"], check=True, capture_output=True)
    body = picture.read_bytes()

    def sizes(outputs: dict[str, str], key: str) -> dict[str, tuple[int, int]]:
        first, _, name = key.partition("/")
        client = partial(client_at, outputs)
        record = finished(client, outputs, upload(client, outputs, body, f"{first}/{uuid.uuid4()}-{name}"))
        assert record["status"] == "completed", record
        return {it["name"]: (it["width"], it["height"]) for it in record["renditions"]}

    return sizes


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The recipes of the page, written to files."""
    folder = tmp_path_factory.mktemp("recipes")
    for name, text in RECIPES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in RECIPES}


def test_every_recipe_of_the_page_is_tested():
    assert set(RECIPES) == set(EXPECTED)


@pytest.mark.parametrize("recipe", EXPECTED)
def test_a_deployed_recipe_makes_the_renditions_of_the_page(instance, files, rendered, recipe):
    default = ["--parameters", "DefaultProfile=articles"] if recipe == "art-direction.json" else []

    done = cloud_py(instance, "--profiles", str(files[recipe]), *default)

    assert done.returncode == 0, done.stdout + done.stderr
    for key, expected in EXPECTED[recipe].items():
        assert rendered(outputs_of(instance), key) == expected


def test_deploying_without_profiles_restores_the_built_in_ones(instance, files, rendered):
    assert cloud_py(instance, "--profiles", str(files["thumbnails.json"])).returncode == 0

    done = cloud_py(instance)

    assert done.returncode == 0, done.stdout + done.stderr
    assert set(rendered(outputs_of(instance), "uploads/a.jpg")) == {"thumbnail", "medium", "large", "original"}


WRONG = {
    "a missing file": (None, "No such file"),
    "text that is not JSON": ("{", "is not JSON"),
    "a list": ("[]", "holds no profiles"),
    "no renditions": ('{"renditions": []}', "no renditions"),
    "an unknown format": ('{"renditions": [{"name": "a", "format": "bmp"}]}', "unknown variant `bmp`"),
    "a width of zero": ('{"renditions": [{"name": "a", "width": 0, "format": "webp"}]}', "expected a nonzero u32"),
    "a quality over a hundred": ('{"renditions": [{"name": "a", "format": "webp", "quality": 101}]}', "101"),
    "a misspelt field": ('{"renditions": [{"name": "a", "widht": 9, "format": "webp"}]}', "unknown field `widht`"),
    "a name twice": (
        '{"renditions": [{"name": "a", "format": "png"}, {"name": "a", "format": "webp"}]}',
        "more than one rendition named 'a'",
    ),
    "no default": (
        json.dumps({name: {"renditions": [{"name": "a", "format": "png"}]} for name in "ab"}),
        "which profile is the default: a, b?",
    ),
}


@pytest.mark.parametrize("why", WRONG)
def test_invalid_profiles_are_refused_before_anything_changes(instance, files, tmp_path, why):
    text, expected = WRONG[why]
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    refused = cloud_py(instance, "--profiles", str(file))
    staged = stage(instance, PROFILES=str(file))

    for done in (refused, staged):
        assert done.returncode in (1, 2), done.stdout
        assert expected in done.stderr, done.stderr
        assert "mine.json" in done.stderr and "Traceback" not in done.stderr
        assert "deploying" not in done.stdout and "Deploying" not in done.stdout


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Observ=On", "no parameter Observ: did you mean Observe?"),
        ("Observe", "'Observe' is not NAME=VALUE"),
        ('Profiles={"a":1}', "deploy with PROFILES=file.json"),
    ],
)
def test_parameters_that_sam_would_drop_or_truncate_are_refused(instance, word, expected):
    refused = cloud_py(instance, "--set", word)
    assert refused.returncode == 1 and expected in refused.stderr, refused.stderr
    staged = stage(instance, word)
    assert staged.returncode == 2 and expected in staged.stderr, staged.stderr


def stage(instance: Instance, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `make deploy STAGE=dev` against the local cloud, with functions compiled for this machine."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_CLI_"))}
    env |= instance.client_environment()
    env |= {
        "PATH": f"{SAM_ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "CARGO_LAMBDA_COMPILER": "cargo",
        "SAM_BUILD_MODE": "debug",
        "SAM_CLI_TELEMETRY": "0",
        "CI": "true",
        "DOCTOR": "no",
    }
    command = [str(REPOSITORY / "deploy" / "stage.sh"), "dev", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=REPOSITORY, env={**env, **variables}
    )


def test_the_script_that_deploys_to_aws_sets_changes_and_removes_profiles(
    instance, files, rendered, client
):
    local = (f"Architecture={architecture()}", "ApiLogRole=existing")

    def deployed(**variables: str) -> set[str]:
        done = stage(instance, *local, **variables)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        stack = client("cloudformation").describe_stacks(StackName="darkroom-dev")["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]} | instance.access()
        return set(rendered(outputs, "uploads/a.jpg"))

    assert deployed(PROFILES=str(files["thumbnails.json"])) == {"200x200", "400x400"}
    assert len(deployed(PROFILES=str(files["responsive.json"]))) == 6

    forgotten = stage(instance, *local)
    assert forgotten.returncode == 2 and "PROFILES=built-in" in forgotten.stderr, forgotten.stderr

    assert deployed(PROFILES="built-in") == {"thumbnail", "medium", "large", "original"}


def test_the_parameters_are_read_from_the_template(outputs):
    assert {"Profiles", "DefaultProfile", "Stage", "Intake"} <= set(names())
