"""The schemas of what Darkroom publishes, and an example of each event."""

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

# What an event has if the source bucket has versions, and if records are forgotten after a while.
OF_SOME = {"expires_at", "version_id"}
# What a picture that could not be read may lack.
OF_PICTURES = {"format", "height", "width"}


def validator(event):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[event])
    return jsonschema.Draft202012Validator(SCHEMAS[event])


def test_there_is_an_example_for_every_schema():
    assert set(SCHEMAS) == set(EXAMPLES)


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_an_event_is_what_its_schema_says(event):
    validator(event).validate(EXAMPLES[event])


def test_a_rendition_may_have_a_url_that_carries_no_secret():
    completed = EXAMPLES["image_completed"]
    (rendition,) = completed["renditions"]
    delivered = completed | {"renditions": [rendition | {"url": "https://d1.cloudfront.net/a%20cat.jpg/l-0.webp"}]}
    validator("image_completed").validate(delivered)
    plain = completed | {"renditions": [rendition | {"url": "http://d1.cloudfront.net/a.webp"}]}
    assert not validator("image_completed").is_valid(plain)


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_one_event_can_not_pass_for_another(event):
    for other in EXAMPLES.keys() - {event}:
        assert not validator(event).is_valid(EXAMPLES[other]), other


@pytest.mark.parametrize("event", sorted(EXAMPLES))
def test_no_fact_may_be_missing_and_none_undocumented(event):
    whole = EXAMPLES[event]
    assert EXAMPLES["image_completed"].keys() >= OF_SOME | OF_PICTURES
    may_be_missing = OF_SOME if event == "image_completed" else OF_SOME | OF_PICTURES
    for field in whole:
        if field not in may_be_missing:
            without = {name: value for name, value in whole.items() if name != field}
            assert not validator(event).is_valid(without), field
    assert not validator(event).is_valid(whole | {"secret": "x"})


def test_a_field_means_the_same_in_every_event():
    for field in SCHEMAS["image_failed"]["properties"].keys() - {"status", "failure"}:
        said = [schema["properties"][field] for schema in SCHEMAS.values()]
        assert all(one == said[0] for one in said), field
