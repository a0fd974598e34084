"""The schemas of what Darkroom publishes. That the code keeps to them is the code's own test."""

import json

import jsonschema
import pytest
from cloudformation import REPOSITORY

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (REPOSITORY / "docs" / "events").glob("*.schema.json")
}

OF_EVERY_EVENT = {
    "id": "arn:aws:states:eu-west-1:111122223333:execution:darkroom-dev-image-pipeline:a/completed",
    "bucket": "darkroom-dev-sourcebucket",
    "destination_bucket": "darkroom-dev-destinationbucket",
    "key": "uploads/a cat (1).jpg",
    "etag": "9dd4e461268c8034f5c8564e155c67a6",
    "byte_len": 2048,
    "sequencer": "0062E99A88DC407460",
    "profile": "web",
    "execution": "arn:aws:states:eu-west-1:111122223333:execution:darkroom-dev-image-pipeline:a",
    "received_at": "2026-05-01T12:00:00.000Z",
    "finished_at": "2026-05-01T12:00:01.500Z",
}
OF_EACH = {
    "image_completed": {
        "status": "completed",
        "format": "jpeg",
        "width": 3000,
        "height": 4000,
        "renditions": [
            {
                "name": "thumbnail",
                "key": "uploads/a cat (1).jpg/thumbnail-0123456789.webp",
                "format": "webp",
                "width": 225,
                "height": 300,
                "byte_len": 9000,
            }
        ],
    },
    "image_rejected": {"status": "rejected", "rejection": {"code": "not_an_image", "message": "not an image"}},
    "image_failed": {"status": "failed", "failure": {"error": "Misconfigured", "cause": ""}},
}


def validator(event):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[event])
    return jsonschema.Draft202012Validator(SCHEMAS[event])


def test_there_is_a_schema_for_every_event():
    assert set(SCHEMAS) == set(OF_EACH)


@pytest.mark.parametrize("event", sorted(OF_EACH))
def test_an_event_is_what_its_schema_says(event):
    validator(event).validate(OF_EVERY_EVENT | OF_EACH[event])


def test_a_rendition_may_have_a_url_that_carries_no_secret():
    completed = OF_EVERY_EVENT | OF_EACH["image_completed"]
    (rendition,) = completed["renditions"]
    delivered = completed | {"renditions": [rendition | {"url": "https://d1.cloudfront.net/a%20cat.jpg/l-0.webp"}]}
    validator("image_completed").validate(delivered)
    plain = completed | {"renditions": [rendition | {"url": "http://d1.cloudfront.net/a.webp"}]}
    assert not validator("image_completed").is_valid(plain)


@pytest.mark.parametrize("event", sorted(OF_EACH))
def test_one_event_can_not_pass_for_another(event):
    for other in OF_EACH.keys() - {event}:
        assert not validator(event).is_valid(OF_EVERY_EVENT | OF_EACH[other]), other


@pytest.mark.parametrize("event", sorted(OF_EACH))
def test_no_fact_may_be_missing_and_none_undocumented(event):
    whole = OF_EVERY_EVENT | OF_EACH[event]
    for field in whole:
        if field not in ("format", "width", "height") or event == "image_completed":
            without = {name: value for name, value in whole.items() if name != field}
            assert not validator(event).is_valid(without), field
    assert not validator(event).is_valid(whole | {"secret": "x"})


def test_a_field_means_the_same_in_every_event():
    for field in SCHEMAS["image_failed"]["properties"].keys() - {"status", "failure"}:
        said = [schema["properties"][field] for schema in SCHEMAS.values()]
        assert all(one == said[0] for one in said), field
