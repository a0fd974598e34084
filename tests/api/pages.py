"""Serves the files of docs/frontend.md by the backend of that page, and uses them in headless Chromium."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromium
import missing_tools
from darkroom_local.layout import REPOSITORY
from stacks import PAGES, Stack

FILES = re.compile(r"```\w+ file=(?P<name>\S+)(?: way=(?P<way>\w+))?\n(?P<content>.*?)```", re.DOTALL)
PAGE = (REPOSITORY / "docs" / "frontend.md").read_text(encoding="utf-8")
HOST = PAGES.removeprefix("http://")

UPPY = "https://releases.transloadit.com/uppy/v6.0.1/"
# The hash that the npm registry publishes.
UPPY_PACKAGE = "uppy@6.0.1"
UPPY_SHA512 = (
    "d8e38d3143541c604d91f4a336958386579e09eaa6da83fef0d2514b19241552"
    "e69b705b13b4be5c29b8e7e8e9dfacfb3c246ea20b66d458183ca6b488a6d801"
)

# Acts as the user of a page: chooses files, clicks buttons, and reports what the page shows.
PERSON = """
const results = new URL("RESULTS");
const bytes = Uint8Array.from(atob("PICTURE"), (letter) => letter.charCodeAt(0));
const headersSet = [];
const setHeader = XMLHttpRequest.prototype.setRequestHeader;
XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
  headersSet.push(name.toLowerCase());
  setHeader.call(this, name, value);
};
const person = {
  picture: () => new File([bytes], "a photo & more.jpg", { type: "image/jpeg" }),
  noPicture: () => new File(["this is text"], "notes.jpg", { type: "image/jpeg" }),
  async sees(selector, ready = () => true) {
    for (;;) {
      const found = document.querySelector(selector);
      if (found && ready(found)) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
  async chooses(selector, file) {
    const chosen = new DataTransfer();
    chosen.items.add(file);
    const input = await person.sees(selector);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  async describes(selector) {
    const img = await person.sees(selector, (it) => it.complete && it.naturalWidth > 0);
    return {
      shown: img.currentSrc, width: img.width, height: img.height, ratio: img.naturalWidth / img.naturalHeight,
      loading: img.loading, alt: img.alt, headersSet,
      sources: [...img.parentElement.querySelectorAll("source")].map((it) => it.type),
    };
  },
  tells: (what) => fetch(results, { method: "POST", mode: "no-cors", body: JSON.stringify(what) }),
};
const does = async (steps) => {
  // By then, the page's own scripts have run.
  await new Promise((resolve) => addEventListener("load", resolve));
  try { await person.tells(await steps()); } catch (error) { await person.tells({ error: String(error) }); }
};
"""


def write_files(folder: Path, way: str = "") -> None:
    """Writes the document's files into a folder. `way` selects one of two files of the same name."""
    for found in FILES.finditer(PAGE):
        name = found["name"]
        if found["way"] in (None, way):
            (folder / name).write_text(found["content"], encoding="utf-8")


@contextmanager
def backend(folder: Path, stack: Stack) -> Iterator[int]:
    """Runs `backend.mjs` of the folder with the stack's key, and yields its port."""
    node = shutil.which("node") or missing_tools.skip("node")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "PORT": str(port),
        "API_URL": stack.outputs["ApiUrl"], "API_KEY": stack.outputs.get("ApiKey", ""),
    }  # fmt: skip
    process = subprocess.Popen([node, "backend.mjs"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        while not _listens(port):
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.communicate()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port)).close()
    except OSError:
        return False
    return True


def use_page(folder: Path, port: int, page: str, steps: str, picture: Path) -> Any:
    """Opens a page, runs the steps (the body of an asynchronous JavaScript function), and returns their result."""
    with chromium.site([]) as (results_port, results):
        person = PERSON.replace("RESULTS", f"http://127.0.0.1:{results_port}/results")
        person = person.replace("PICTURE", base64.b64encode(picture.read_bytes()).decode())
        (folder / "person.js").write_text(f"{person}\ndoes(async () => {{ {steps} }});", encoding="utf-8")
        html = (folder / page).read_text(encoding="utf-8")
        with_person = html.replace("<title>", '<script src="./person.js"></script>\n<title>')
        assert with_person != html
        (folder / f"used-{page}").write_text(with_person, encoding="utf-8")
        seen = chromium.visit(f"{PAGES}/used-{page}", {HOST: f"localhost:{port}"}, results, folder / "profile")
    assert "error" not in seen, seen
    return seen


def copy_uppy(folder: Path) -> None:
    """Copies Uppy into the folder, and makes the page load it from there instead of the CDN."""
    npm = shutil.which("npm") or missing_tools.skip("node")
    archive = REPOSITORY / ".local" / "uppy" / "uppy-6.0.1.tgz"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "pack", UPPY_PACKAGE, "--silent"], cwd=archive.parent, check=True, capture_output=True)
    assert hashlib.sha512(archive.read_bytes()).hexdigest() == UPPY_SHA512
    with tarfile.open(archive) as packed:
        for name in ("uppy.min.mjs", "uppy.min.css"):
            content = packed.extractfile(f"package/dist/{name}")
            assert content
            (folder / name).write_bytes(content.read())
    page = folder / "uppy.html"
    html = page.read_text(encoding="utf-8")
    assert UPPY in html
    page.write_text(html.replace(UPPY, "./"), encoding="utf-8")
