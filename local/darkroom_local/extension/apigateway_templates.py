"""Mapping templates: the Velocity language with API Gateway's `$input.params` and `$context`, which the API uses.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>
"""

from __future__ import annotations

from typing import Any

import airspeed


def render(template: str, parameters: dict[str, str], context: dict[str, Any]) -> str:
    """The text of a template for one request. The template may write to `context`."""
    return airspeed.Template(template).merge({"input": Input(parameters), "context": context})


class Input:
    """`$input`."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    def params(self, name: str | None = None) -> Any:
        """A parameter of the path, the query string or a header. The case of a name counts."""
        return self._parameters if name is None else self._parameters.get(name, "")
