"""A stack on the local cloud, and how its functions are configured."""

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
            raise LocalCloudError(f"no stack is deployed ({outputs_file} does not exist): `make up` deploys one") from None

    def client(self, service: str) -> Any:
        """A boto3 client for the stack's cloud."""
        return client_at(self.outputs, service)

    def function(self, name: str) -> str:
        """The physical name of a function."""
        if name not in FUNCTIONS:
            raise LocalCloudError(f"there is no function '{name}': {', '.join(FUNCTIONS)}")
        return self.outputs[f"{name.capitalize()}FunctionName"]

    def environment(self, name: str) -> dict[str, str]:
        """The variables of the deployed function, and those that direct an SDK to this cloud."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.function(name))
        return {
            **configuration["Environment"]["Variables"],
            **environment_of(self.outputs),
        }

    def memory_mb(self, name: str) -> int:
        """The `MemorySize` of a function."""
        return self.client("lambda").get_function_configuration(FunctionName=self.function(name))["MemorySize"]
