"""The requests that the adapters send, as `crates/pipeline/tests/requests` recorded them, decoded by botocore's
models.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from .places import REPOSITORY

FILE = REPOSITORY / "crates/pipeline/tests/requests/requests.json"
# The first or second label of the host, to botocore's name of the service.
SERVICES = {"dynamodb": "dynamodb", "events": "events", "s3": "s3", "states": "stepfunctions"}


@dataclass(frozen=True)
class Request:
    """One request of one function: the operation and its input."""

    function: str
    service: str
    operation: str
    given: dict[str, Any]
    # Names of headers and query parameters that the model does not have.
    unknown: tuple[str, ...]
    place: str


@cache
def model(service: str) -> ServiceModel:
    """AWS's model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def recorded() -> list[Request]:
    """All requests, decoded. A request that cannot be decoded has the operation `?`."""
    text = FILE.read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith('"url": ')]
    return [_decoded(sent, f"{FILE.relative_to(REPOSITORY)}:{line}") for sent, line in zip(json.loads(text), lines)]


def _decoded(sent: dict[str, Any], place: str) -> Request:
    url = urlsplit(sent["url"])
    labels = url.netloc.split(".")
    service = next((SERVICES[it] for it in labels[:2] if it in SERVICES), "?")
    if target := sent["headers"].get("x-amz-target"):
        known = target.split(".")[0] == model(service).metadata["targetPrefix"]
        operation = target.split(".")[1]
        return Request(sent["function"], service, operation if known else "?", json.loads(sent["body"]), (), place)
    # The SDK adds the name of its operation as `x-id`.
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    marker = query.pop("x-id", None)
    bucket, key = labels[0], unquote(url.path[1:])
    for operation in _rest_operations(service, sent["method"], bool(key), query, sent["headers"]):
        if marker in (None, operation.name):
            given, unknown = _members(operation, query, sent["headers"])
            given |= {"Bucket": bucket} | ({"Key": key} if key else {})
            if payload := operation.input_shape.serialization.get("payload"):
                given |= _payload(operation, payload, sent["body"])
            return Request(sent["function"], service, operation.name, given, tuple(unknown), place)
    return Request(sent["function"], service, "?", {}, (), place)


def _rest_operations(
    service: str, method: str, has_key: bool, query: dict[str, str], headers: dict[str, str]
) -> Iterator[OperationModel]:
    """The operations that fit the method, the path and the query. The one that knows most of the query is first."""
    found = []
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        path, _, fixed = operation.http["requestUri"].partition("?")
        if operation.http["method"] != method or ("{Key+}" in path) is not has_key or "{Bucket}" not in path:
            continue
        known = {"querystring": set(), "header": set()}
        required = {"querystring": set(), "header": set()}
        for member, shape in operation.input_shape.members.items():
            if (where := _location(shape)) in known:
                known[where].add(shape.serialization["name"].lower())
                if member in operation.input_shape.required_members:
                    required[where].add(shape.serialization["name"].lower())
        wanted = dict(parse_qsl(fixed, keep_blank_values=True))
        given = {it.lower() for it in query}
        fits = all(query.get(it) == value for it, value in wanted.items())
        if fits and required["querystring"] <= given and required["header"] <= headers.keys():
            unknown = len(given - known["querystring"] - {it.lower() for it in wanted})
            found.append((unknown, -len(wanted) - len(required["querystring"]), name, operation))
    yield from (it[-1] for it in sorted(found, key=lambda it: it[:3]))


def _location(shape: Any) -> str | None:
    return shape.serialization.get("location")


def _members(operation: OperationModel, query: dict[str, str], headers: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The members of the input by name, and the names that the operation does not know."""
    members = operation.input_shape.members
    by_place = {(_location(it), it.serialization.get("name", name).lower()): (name, it) for name, it in members.items()}
    fixed = dict(parse_qsl(operation.http["requestUri"].partition("?")[2], keep_blank_values=True))
    given: dict[str, Any] = {}
    unknown: list[str] = []
    parts = [("querystring", name, value) for name, value in query.items() if name not in fixed]
    parts += [("header", name, value) for name, value in headers.items()]
    for location, name, value in parts:
        member = by_place.get((location, name.lower()))
        prefix = next((it for (where, it), _ in by_place.items() if where == "headers" and name.startswith(it)), None)
        if member:
            given[member[0]] = _typed(member[1], value)
        elif location == "header" and prefix:
            given.setdefault(by_place["headers", prefix][0], {})[name.removeprefix(prefix)] = value
        elif location != "header" or not name.startswith(PROTOCOL_HEADERS):
            unknown.append(name)
    return given, unknown


# Headers that models do not contain: those of HTTP, and those by which SDKs send checksums.
PROTOCOL_HEADERS = (
    "accept",
    "content-encoding",
    "content-type",
    "transfer-encoding",
    "x-amz-checksum-",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-",
    "x-amz-trailer",
)


def _typed(shape: Any, value: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(value)
    return value == "true" if shape.type_name == "boolean" else value


def _payload(operation: OperationModel, payload: str, body: str) -> dict[str, Any]:
    shape = operation.input_shape.members[payload]
    if not body.startswith("<"):
        return {}
    document = ElementTree.fromstring(re.sub(r' xmlns="[^"]+"', "", body))
    return {payload: _from_xml(shape, document)}


def _from_xml(shape: Any, node: ElementTree.Element) -> Any:
    if shape.type_name != "structure":
        return _typed(shape, node.text or "")
    names = {it.serialization.get("name", name): (name, it) for name, it in shape.members.items()}
    value: dict[str, Any] = {}
    for child in node:
        name, member = names.get(child.tag, (child.tag, None))
        if member is None:
            value[name] = child.text
        elif member.type_name == "list" and member.serialization.get("flattened"):
            value.setdefault(name, []).append(_from_xml(member.member, child))
        elif member.type_name == "list":
            value[name] = [_from_xml(member.member, it) for it in child]
        else:
            value[name] = _from_xml(member, child)
    return value
