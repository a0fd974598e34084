"""The results of `darkroom render`, also of a process that crashes."""

import sys

from rendered import Rendering, render

# Renders every file but those named "crash…", at which it ends.
RENDERER = f"""#!{sys.executable}
import json, pathlib, sys
files, out = sys.argv[sys.argv.index("--") + 1 :], sys.argv[sys.argv.index("--out") + 1]
for file in files:
    name = pathlib.Path(file).name
    if name.startswith("crash"):
        sys.exit("thread 'main' panicked")
    if name.startswith("corrupt"):
        print(json.dumps({{"file": file, "error": {{"code": "corrupt", "message": "it ends early"}}}}), flush=True)
    else:
        print(json.dumps({{"file": file, "path": out + "/" + name}}), flush=True)
"""


def test_every_file_has_a_result_even_if_the_process_crashes(tmp_path):
    darkroom = tmp_path / "darkroom"
    darkroom.write_text(RENDERER)
    darkroom.chmod(0o755)
    files = [tmp_path / name for name in ("a.png", "crash.png", "corrupt.png", "crash-too.png", "b.png")]
    results = dict(render(darkroom, files, tmp_path / "out", [], jobs=2))
    assert {file.name: result.code for file, result in results.items()} == {
        "a.png": "", "crash.png": "crashed", "corrupt.png": "corrupt", "crash-too.png": "crashed", "b.png": "",
    }  # fmt: skip
    assert "panicked" in results[files[1]].message
    assert results[files[4]] == Rendering(tmp_path / "out" / "0" / "4" / "b.png")


def test_many_files_are_divided_among_processes(tmp_path):
    darkroom = tmp_path / "darkroom"
    darkroom.write_text(RENDERER)
    darkroom.chmod(0o755)
    files = [tmp_path / f"{number}.png" for number in range(60)]
    results = dict(render(darkroom, files, tmp_path / "out", [], jobs=2))
    assert list(sorted(results)) == sorted(files)
    assert len({result.rendition.parent for result in results.values()}) == 3
