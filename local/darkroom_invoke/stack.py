"""The stack on the local cloud that functions are invoked against, and its configuration of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom_local.clients import client_at
from darkroom_local.layout import LocalCloudError, environment_of

FUNCTIONS = ("validate", "resize", "notify", "images")


@dataclass(frozen=True)
class Stack:
    """A deployed stack, by its outputs."""

    outputs: dict[str, str]

    @classmethod
    def find(cls, outputs_file: Path) -> Stack:
        """The stack whose outputs are in that file, which `make up` writes."""
        try:
            return cls(json.loads(outputs_file.read_text()))
        except FileNotFoundError:
            raise LocalCloudError(f"no local cloud is deployed ({outputs_file} is not there): `make up`") from None

    def client(self, service: str) -> Any:
        """A boto3 client that speaks to the stack's cloud."""
        return client_at(self.outputs, service)

    def function(self, name: str) -> str:
        """What the function is called there."""
        if name not in FUNCTIONS:
            raise LocalCloudError(f"there is no function '{name}': {', '.join(FUNCTIONS)}")
        return self.outputs[f"{name.capitalize()}FunctionName"]

    def environment(self, name: str) -> dict[str, str]:
        """The variables that the function is given there, and those that lead it to this cloud."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.function(name))
        return {
            **configuration["Environment"]["Variables"],
            **environment_of(self.outputs),
        }

    def memory_mb(self, name: str) -> int:
        """Its `MemorySize`."""
        return self.client("lambda").get_function_configuration(FunctionName=self.function(name))["MemorySize"]
