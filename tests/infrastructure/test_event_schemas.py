"""The schemas of the events that Darkroom publishes, and an example of each event."""

import json

import jsonschema
import pytest
from cloudformation import REPOSITORY

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (REPOSITORY / "docs" / "events").glob("*.schema.json")
}

# What notify publishes, which a test of its own holds to them (crates/pipeline/tests/use_cases/notify.rs).
EXAMPLES = {
    path.name.removesuffix(".example.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (REPOSITORY / "docs" / "events").glob("*.example.json")
}

# Fields that depend on the stack: whether the source bucket has versions, and whether records expire.
DEPENDS_ON_STACK = {"expires_at", "version_id"}
# Fields that a picture which could not be read may lack.
DEPENDS_ON_PICTURE = {"format", "height", "width"}


def validator(event):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[event])
    return jsonschema.Draft202012Validator(SCHEMAS[event])


def test_there_is_an_example_for_every_schema():
    assert set(SCHEMAS) == set(EXAMPLES)


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_an_example_follows_its_schema(event):
    validator(event).validate(EXAMPLES[event])


def test_a_rendition_may_have_an_https_url():
    completed = EXAMPLES["image_completed"]
    (rendition,) = completed["renditions"]
    delivered = completed | {"renditions": [rendition | {"url": "https://d1.cloudfront.net/a%20cat.jpg/l-0.webp"}]}
    validator("image_completed").validate(delivered)
    plain = completed | {"renditions": [rendition | {"url": "http://d1.cloudfront.net/a.webp"}]}
    assert not validator("image_completed").is_valid(plain)


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_an_event_does_not_follow_the_schema_of_another(event):
    for other in EXAMPLES.keys() - {event}:
        assert not validator(event).is_valid(EXAMPLES[other]), other


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_a_schema_refuses_a_missing_field_and_an_unknown_field(event):
    whole = EXAMPLES[event]
    assert EXAMPLES["image_completed"].keys() >= DEPENDS_ON_STACK | DEPENDS_ON_PICTURE
    may_be_missing = DEPENDS_ON_STACK if event == "image_completed" else DEPENDS_ON_STACK | DEPENDS_ON_PICTURE
    for field in whole:
        if field not in may_be_missing:
            without = {name: value for name, value in whole.items() if name != field}
            assert not validator(event).is_valid(without), field
    assert not validator(event).is_valid(whole | {"secret": "x"})


def test_a_field_has_the_same_definition_in_every_event():
    for field in SCHEMAS["image_failed"]["properties"].keys() - {"status", "failure"}:
        definitions = [schema["properties"][field] for schema in SCHEMAS.values()]
        assert all(it == definitions[0] for it in definitions), field
