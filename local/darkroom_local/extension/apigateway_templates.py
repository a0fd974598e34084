"""Mapping templates: the Velocity language with API Gateway's `$input`, `$util` and `$context`.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from typing import Any

import airspeed


def render(template: str, body: bytes, parameters: dict[str, str], context: dict[str, Any]) -> str:
    """The template's text, for a request's (or an integration's) body. It may write to `context`."""
    names = {"input": Input(body, parameters), "util": Util(), "context": context}
    return airspeed.Template(template).merge(names)


class Input:
    """`$input`."""

    def __init__(self, body: bytes, parameters: dict[str, str]) -> None:
        self.body = body.decode(errors="replace")
        self._parameters = parameters

    def path(self, path: str) -> Any:
        """The value at a JSON path, to go on with; empty when there is none."""
        found = value_at(self._document(), path)
        return "" if found is None else found

    def json(self, path: str) -> str:
        """The value at a JSON path, as JSON."""
        return json.dumps(value_at(self._document(), path))

    def params(self, name: str | None = None) -> Any:
        """A request parameter: of the path, the query string or a header, in this order. The case of a name counts."""
        return self._parameters if name is None else self._parameters.get(name, "")

    def _document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Util:
    """`$util`, whose methods have Amazon's names."""

    def escapeJavaScript(self, value: Any) -> str:
        """Escapes as in a JSON string; a single quote too, which has to be undone for JSON."""
        return json.dumps(str(value))[1:-1].replace("'", "\\'")

    def parseJson(self, text: str) -> Any:
        """The value of a JSON text."""
        return json.loads(text)

    def urlEncode(self, value: Any) -> str:
        """`application/x-www-form-urlencoded`."""
        return urllib.parse.quote_plus(str(value))

    def urlDecode(self, value: Any) -> str:
        """The reverse."""
        return urllib.parse.unquote_plus(str(value))

    def base64Encode(self, value: Any) -> str:
        """Base64 of the text's UTF-8."""
        return base64.b64encode(str(value).encode()).decode()

    def base64Decode(self, value: Any) -> str:
        """The reverse."""
        return base64.b64decode(value).decode()


def value_at(document: Any, path: str) -> Any:
    """What lies at a JSON path (`$.a.b[0]`); nothing when there is none."""
    for part in re.findall(r"[^.\[\]'\"]+", path.removeprefix("$")):
        if isinstance(document, list):
            document = document[int(part)] if part.isdigit() and int(part) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document
