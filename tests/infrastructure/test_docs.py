"""The documents that are made from other files are up to date: `make docs` makes them again."""

import sys

import pytest
from cloudformation import REPOSITORY

sys.path.append(str(REPOSITORY / "docs" / "generate"))

import configuration  # noqa: E402
import state_machine  # noqa: E402


@pytest.mark.parametrize(
    "path, current",
    [(configuration.PAGE, configuration.current), (state_machine.PICTURE, state_machine.current)],
    ids=lambda it: getattr(it, "name", ""),
)
def test_what_is_made_is_current(path, current):
    assert path.read_text(encoding="utf-8") == current(), "run `make docs`"


def test_every_parameter_and_every_state_is_there(template, definition):
    page = configuration.current()
    assert all(f"\n### {name}\n" in page for name in template["Parameters"])
    picture = state_machine.current()
    assert all(f">{name}</text>" in picture for name in definition["States"])
    assert ">Resize Rendition</text>" in picture
