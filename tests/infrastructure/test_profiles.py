"""The shipped profiles follow their schema, and the schema refuses what the code refuses."""

import json
import re

import jsonschema
import pytest
from cloudformation import REPOSITORY

SHIPPED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (REPOSITORY / "profiles").glob("*.json")}
SCHEMA = json.loads((REPOSITORY / "docs" / "profile.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("profile", sorted(SHIPPED))
def test_every_shipped_profile_follows_the_schema(schema, profile):
    schema.validate(SHIPPED[profile])


def test_all_shipped_profiles_together_fit_into_a_functions_environment():
    # The parameter Profiles becomes a variable, and Lambda gives all variables of a function 4 KB.
    assert len(json.dumps(SHIPPED, separators=(",", ":"))) <= 3072


@pytest.mark.parametrize(
    ("why", "rendition"),
    [
        ("cover without a height", {"name": "a", "fit": "cover", "width": 1, "format": "png"}),
        ("a quality of png", {"name": "a", "format": "png", "quality": 80}),
        ("a quality of the source's format", {"name": "a", "format": "source", "quality": 80}),
        ("a quality of zero", {"name": "a", "format": "webp", "quality": 0}),
        ("a webp with a speed", {"name": "a", "format": "webp", "speed": 9}),
        ("an avif with a method", {"name": "a", "format": "avif", "method": 4}),
        ("an avif speed below the slowest", {"name": "a", "format": "avif", "speed": 5}),
        ("a quality over a hundred", {"name": "a", "format": "webp", "quality": 101}),
        ("a width of zero", {"name": "a", "width": 0, "format": "png"}),
        ("a name that needs escaping", {"name": "a b", "format": "png"}),
        ("a name too long for its key", {"name": "a" * 33, "format": "png"}),
        ("no format", {"name": "a"}),
        ("an unknown format", {"name": "a", "format": "gif"}),
        ("an unknown fit", {"name": "a", "format": "png", "fit": "contain"}),
        ("a progressive webp", {"name": "a", "format": "webp", "progressive": True}),
        ("a lossless jpeg", {"name": "a", "format": "jpeg", "lossless": True}),
        ("a method of jpeg", {"name": "a", "format": "jpeg", "method": 2}),
        ("a lossless webp with a quality", {"name": "a", "format": "webp", "lossless": True, "quality": 80}),
        ("an unknown field", {"name": "a", "format": "png", "depth": 8}),
    ],
)
def test_the_schema_refuses(schema, why, rendition):
    assert not schema.is_valid({"renditions": [rendition]}), why


@pytest.mark.parametrize(
    "rendition",
    [
        {"name": "a", "format": "png"},
        {"name": "a", "format": "jpeg", "quality": 80, "progressive": True},
        {"name": "a", "format": "webp", "lossless": True},
        {"name": "a", "format": "webp", "quality": 80, "method": 6},
        {"name": "a", "format": "avif", "quality": 60, "speed": 6},
    ],
)
def test_the_schema_accepts_a_minimal_rendition_and_the_options_of_each_encoder(schema, rendition):
    schema.validate({"renditions": [rendition]})


def test_the_formats_of_one_profile_have_the_same_visual_quality():
    # "looks like JPEG 85 at" in docs/quality.md. `low` is meant to look worse. `web` has WebP only, at one quality.
    page = (REPOSITORY / "docs" / "quality.md").read_text(encoding="utf-8")
    alike = {name: round(float(quality)) for name, quality in re.findall(r"^\| (jpg|webp|avif) +\| +([\d.]+) \| +[\d.]+ \|$", page, re.M)}
    names = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}
    for profile in ("proxies", "variants"):
        for rendition in SHIPPED[profile]["renditions"]:
            if rendition["name"] != "low" and rendition["format"] in names:
                assert rendition["quality"] == alike[names[rendition["format"]]], (profile, rendition["name"])
    assert len({rendition["quality"] for rendition in SHIPPED["web"]["renditions"]}) == 1
