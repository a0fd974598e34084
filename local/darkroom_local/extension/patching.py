"""Replaces private functions of MiniStack, and stops the start if one of them is not as expected.

A patch that silently missed its target would let tests pass although the emulator lacks the behaviour.
"""

from __future__ import annotations

import functools
import inspect
from types import ModuleType
from typing import Any, Callable


class PatchTargetChanged(RuntimeError):
    """The installed MiniStack is not the version that the extension was written for."""


def replace(
    module: ModuleType, name: str, signature: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Replaces `module.name` by `make(original)`, if the original has exactly the parameters of `signature`.

    `signature` lists the names of the parameters, such as `"event, view"`, with their `*` and `**`.
    """
    check(module, name, signature)
    original = getattr(module, name)
    # Keeps the original's signature, which another patch of the same function checks.
    setattr(module, name, functools.update_wrapper(make(original), original))


def check(module: ModuleType, name: str, signature: str) -> None:
    """Fails unless `module.name` has exactly the parameters of `signature`."""
    check_function(getattr(module, name, None), f"{module.__name__}.{name}", signature)


def check_function(function: Any, called: str, signature: str) -> None:
    """Fails unless `function` has exactly the parameters of `signature`. Messages use the name `called`."""
    if not callable(function):
        raise PatchTargetChanged(f"{called} is missing: the extension is written for MiniStack 1.5.33")
    found = ", ".join(_name(parameter) for parameter in inspect.signature(function).parameters.values())
    if found != signature:
        raise PatchTargetChanged(
            f"{called} takes ({found}), not ({signature}): the extension is written for MiniStack 1.5.33"
        )


def add_resource_type(provisioners: ModuleType, resource_type: str, handlers: dict[str, Callable[..., Any]]) -> None:
    """Adds a resource type to CloudFormation; fails if MiniStack has one of that name."""
    known = getattr(provisioners, "_RESOURCE_HANDLERS", None)
    if not isinstance(known, dict) or resource_type in known:
        raise PatchTargetChanged(
            f"CloudFormation's resource types have changed, or know {resource_type}: "
            f"the extension is written for MiniStack 1.5.33"
        )
    known[resource_type] = handlers


def around_resource(
    provisioners: ModuleType,
    resource_type: str,
    before: Callable[[dict[str, Any]], None] = lambda properties: None,
    after: Callable[[str, dict[str, Any]], None] = lambda physical_id, properties: None,
) -> None:
    """Makes CloudFormation call `before` and `after` around each creation and update of a resource."""
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(resource_type, {})
    create, update = handlers.get("create"), handlers.get("update")
    check_function(create, f"create of {resource_type}", "logical_id, props, stack_name")
    check_function(
        update, f"update of {resource_type}", "physical_id, old_props, new_props, stack_name, logical_id"
    )

    def create_around(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        before(props)
        physical_id, attributes = create(logical_id, props, stack_name)
        after(physical_id, props)
        return physical_id, attributes

    def update_around(physical_id: str, old_props: Any, new_props: Any, stack_name: str, logical_id: Any = None) -> Any:
        before(new_props)
        physical_id, attributes = update(physical_id, old_props, new_props, stack_name, logical_id)
        after(physical_id, new_props)
        return physical_id, attributes

    handlers.update(create=create_around, update=update_around)


def _name(parameter: inspect.Parameter) -> str:
    stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return stars.get(parameter.kind, "") + parameter.name
