"""The shipped profiles, held to their schema; and the schema, held to what the code refuses."""

import json

import jsonschema
import pytest
from cloudformation import REPOSITORY

SHIPPED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (REPOSITORY / "profiles").glob("*.json")}
SCHEMA = json.loads((REPOSITORY / "docs" / "profile.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def rows(profile):
    """Name, fit, width, height, format and quality of each rendition."""
    fields = ("name", "fit", "width", "height", "format", "quality")
    return [tuple(rendition.get(field) for field in fields) for rendition in SHIPPED[profile]["renditions"]]


@pytest.mark.parametrize("profile", sorted(SHIPPED))
def test_every_shipped_profile_is_what_the_schema_says(schema, profile):
    schema.validate(SHIPPED[profile])


def test_the_shipped_profiles_are_four():
    assert set(SHIPPED) == {"web", "proxies", "variants", "widths"}


def test_web_makes_four_webp_within_their_boxes():
    assert rows("web") == [
        ("thumbnail", "inside", 300, 300, "webp", 80),
        ("medium", "inside", 800, 600, "webp", 80),
        ("large", "inside", 1920, 1080, "webp", 80),
        ("original", None, None, None, "webp", 80),
    ]


def test_proxies_are_jpeg_whatever_came_in_and_only_jpeg_and_png_come_in():
    assert rows("proxies") == [
        ("proxy-2048", "inside", 2048, 2048, "jpeg", 82),
        ("proxy-1024", "inside", 1024, 1024, "jpeg", 82),
    ]
    assert SHIPPED["proxies"]["accepts"] == ["jpeg", "png"]
    assert SHIPPED["proxies"]["limits"]["max_bytes"] == 100_000_000


def test_variants_keep_the_sources_size_but_for_the_thumbnail():
    assert rows("variants") == [
        ("compressed", None, None, None, "jpeg", 85),
        ("low", None, None, None, "jpeg", 60),
        ("webp", None, None, None, "webp", 80),
        ("png", None, None, None, "png", None),
        ("thumbnail", "inside", 300, 300, "jpeg", 82),
    ]


def test_widths_are_in_the_sources_format():
    assert rows("widths") == [
        ("w150", "inside", 150, None, "source", None),
        ("w320", "inside", 320, None, "source", None),
        ("w640", "inside", 640, None, "source", None),
        ("w1024", "inside", 1024, None, "source", None),
    ]


def test_no_profile_names_a_rendition_twice():
    # JSON Schema has no words for it; the code refuses it.
    for profile in SHIPPED:
        names = [row[0] for row in rows(profile)]
        assert len(names) == len(set(names)), profile


def test_all_shipped_profiles_together_fit_where_ones_own_must():
    # Otherwise nobody could start from them: Lambda gives all of a function's environment 4 KB.
    assert len(json.dumps(SHIPPED, separators=(",", ":"))) <= 3072


@pytest.mark.parametrize(
    ("why", "rendition"),
    [
        ("cover without a height", {"name": "a", "fit": "cover", "width": 1, "format": "png"}),
        ("a quality of png", {"name": "a", "format": "png", "quality": 80}),
        ("a quality of whatever comes", {"name": "a", "format": "source", "quality": 80}),
        ("a quality of zero", {"name": "a", "format": "webp", "quality": 0}),
        ("a webp with a speed", {"name": "a", "format": "webp", "speed": 9}),
        ("an avif with a method", {"name": "a", "format": "avif", "method": 4}),
        ("an avif slower than there are", {"name": "a", "format": "avif", "speed": 5}),
        ("a quality over a hundred", {"name": "a", "format": "webp", "quality": 101}),
        ("no width", {"name": "a", "width": 0, "format": "png"}),
        ("a name that needs escaping", {"name": "a b", "format": "png"}),
        ("a name too long for its key", {"name": "a" * 33, "format": "png"}),
        ("no format", {"name": "a"}),
        ("an unknown format", {"name": "a", "format": "gif"}),
        ("an unknown fit", {"name": "a", "format": "png", "fit": "contain"}),
        ("a progressive webp", {"name": "a", "format": "webp", "progressive": True}),
        ("a lossless jpeg", {"name": "a", "format": "jpeg", "lossless": True}),
        ("a method of jpeg", {"name": "a", "format": "jpeg", "method": 2}),
        ("a lossless webp of some quality", {"name": "a", "format": "webp", "lossless": True, "quality": 80}),
        ("an unknown field", {"name": "a", "format": "png", "depth": 8}),
    ],
)
def test_the_schema_refuses(schema, why, rendition):
    assert not schema.is_valid({"renditions": [rendition]}), why


def test_the_schema_takes_the_least_that_can_be_said(schema):
    schema.validate({"renditions": [{"name": "a", "format": "png"}]})


@pytest.mark.parametrize(
    "rendition",
    [
        {"name": "a", "format": "jpeg", "quality": 80, "progressive": True},
        {"name": "a", "format": "webp", "lossless": True},
        {"name": "a", "format": "webp", "quality": 80, "method": 6},
        {"name": "a", "format": "avif", "quality": 60, "speed": 6},
    ],
)
def test_the_schema_takes_each_encoders_own_options(schema, rendition):
    schema.validate({"renditions": [rendition]})
