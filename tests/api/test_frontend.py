"""Each file of docs/frontend.md works in a real browser as the document says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from calls import Api, with_key
from darkroom_local import cargo
from darkroom_local.layout import REPOSITORY, Instance
from pages import backend, copy_uppy, use_page, write_files
from stacks import PAGES, Stack

STACK = "darkroom-frontend"
DARKROOM = cargo.target_folder() / "debug" / "darkroom"
RESPONSIVE = re.compile(r"```json profiles=responsive.json\n(.*?)```", re.DOTALL)
UPLOADS = """
  await person.chooses("input[type=file]", person.FILE());
  const status = await person.sees("[role=status]", (it) => /^(Done|.*not an? )/.test(it.textContent));
  return { status: status.textContent, ...(status.textContent === "Done." && await person.describes("picture img")) };
"""


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of 1633×1225 px, larger than the largest rendition of the recipe."""
    made = tmp_path_factory.mktemp("picture") / "chart.jpg"
    subprocess.run([str(DARKROOM), "chart", str(made), "--megapixels", "2"], check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def keyed_stack(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack with an API key, CORS for the page's origin, and the profile of the recipe *A responsive image*."""
    profiles = tmp_path_factory.mktemp("profiles") / "responsive.json"
    recipe = RESPONSIVE.search((REPOSITORY / "docs" / "profiles.md").read_text(encoding="utf-8"))
    assert recipe
    profiles.write_text(recipe[1], encoding="utf-8")
    place = ["--dir", str(instance.folder), "--port", str(instance.port)]
    command = [sys.executable, "local/cloud.py", *place, "deploy", "--built", "--stack", STACK]
    options = ["--profiles", str(profiles), "--parameters", f"CorsOrigins={PAGES}"]
    done = subprocess.run([*command, *options], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Stack.read(instance, STACK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path)
    return tmp_path


def test_the_upload_button_shows_the_picture_as_avif(keyed_stack: Stack, folder: Path, picture: Path) -> None:
    with backend(folder, keyed_stack) as port:
        seen = use_page(folder, port, "upload.html", UPLOADS.replace("FILE", "picture"), picture)

    assert seen["status"] == "Done."
    assert seen["sources"] == ["image/avif"]
    assert re.search(r"w\d+-avif-[0-9a-f]+\.avif", seen["shown"])
    assert seen["width"] / seen["height"] == pytest.approx(4 / 3, rel=0.02)
    assert seen["ratio"] == pytest.approx(4 / 3, rel=0.02)
    assert (seen["loading"], seen["alt"]) == ("lazy", "")


def test_the_page_shows_why_a_file_is_rejected(keyed_stack: Stack, folder: Path, picture: Path) -> None:
    with backend(folder, keyed_stack) as port:
        seen = use_page(folder, port, "upload.html", UPLOADS.replace("FILE", "noPicture"), picture)

    assert "not an image" in seen["status"]


def test_a_signed_in_user_needs_no_backend(cognito: Stack, token: str, tmp_path: Path, picture: Path) -> None:
    write_files(tmp_path, way="cognito")
    sign_in = f"export const API_URL = '{cognito.outputs['ApiUrl']}';\nexport const idToken = async () => '{token}';"
    (tmp_path / "sign-in.js").write_text(sign_in, encoding="utf-8")

    # The backend only serves files here: the page calls the API itself.
    with backend(tmp_path, cognito) as port:
        seen = use_page(tmp_path, port, "upload.html", UPLOADS.replace("FILE", "picture"), picture)

    assert (seen["status"], seen["sources"]) == ("Done.", [])
    assert ".webp" in seen["shown"]


def test_uppy_uploads_and_shows(keyed_stack: Stack, folder: Path, picture: Path) -> None:
    copy_uppy(folder)
    steps = """
      await person.chooses(".uppy-Dashboard-input", person.picture());
      (await person.sees(".uppy-StatusBar-actionBtn--upload")).click();
      return person.describes("#pictures picture img");
    """

    with backend(folder, keyed_stack) as port:
        seen = use_page(folder, port, "uppy.html", steps, picture)

    assert seen["sources"] == ["image/avif"]
    assert sorted(seen["headersSet"]) == ["content-type", "if-none-match"]


def test_a_picture_is_replaced_when_the_new_one_is_completed(keyed_stack: Stack, folder: Path, picture: Path) -> None:
    page = '<!doctype html><meta charset="utf-8"><title>Replace</title><script type="module">{}</script>'
    script = 'import * as darkroom from "./darkroom.js"; window.darkroom = darkroom; document.body.id = "ready";'
    (folder / "replace.html").write_text(page.format(script), encoding="utf-8")
    steps = """
      await person.sees("#ready");
      const { finished, replace, upload } = darkroom;
      const old = (await finished(await upload(person.picture()))).key;
      let kept = old;
      const save = async (key) => { kept = key; };
      const refused = await replace(old, person.noPicture(), save).catch((error) => error.message);
      const keptAfterRefusal = kept;
      await replace(old, person.picture(), save);
      return { old, refused, keptAfterRefusal, kept };
    """

    with backend(folder, keyed_stack) as port:
        seen = use_page(folder, port, "replace.html", steps, picture)

    assert "not an image" in seen["refused"]
    assert seen["keptAfterRefusal"] == seen["old"] != seen["kept"]
    api = Api(keyed_stack, with_key(keyed_stack.outputs["ApiKey"]))
    assert api.show(seen["old"]).status == 404
    assert api.show(seen["kept"]).json["status"] == "completed"


def test_the_backend_forwards_no_other_call(keyed_stack: Stack, folder: Path, picture: Path) -> None:
    steps = """
      const asks = async (method, path) => (await fetch("/darkroom" + path, { method })).status;
      return [await asks("GET", "/images"), await asks("POST", "/executions"), await asks("GET", "/uploads")];
    """

    with backend(folder, keyed_stack) as port:
        assert use_page(folder, port, "upload.html", steps, picture) == [404, 404, 404]
