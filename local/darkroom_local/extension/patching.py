"""Replaces private functions of MiniStack, and refuses to start when they are not what was expected.

A patch that silently misses its target would let tests pass against an emulator that lacks the behaviour.
"""

from __future__ import annotations

import functools
import inspect
from types import ModuleType
from typing import Any, Callable


class PatchTargetChanged(RuntimeError):
    """MiniStack is another version than the one that the extension was written for."""


def replace(
    module: ModuleType, name: str, signature: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Replaces `module.name` by `make(original)`, if the original takes exactly the parameters of `signature`.

    `signature` lists the parameters' names: `"event, view"`, with `*` and `**` where they have them.
    """
    check(module, name, signature)
    original = getattr(module, name)
    # It says of itself what the original did: another patch of the same function finds the signature that it expects.
    setattr(module, name, functools.update_wrapper(make(original), original))


def check(module: ModuleType, name: str, signature: str) -> None:
    """Fails unless `module.name` takes exactly the parameters named by `signature`."""
    check_function(getattr(module, name, None), f"{module.__name__}.{name}", signature)


def check_function(function: Any, called: str, signature: str) -> None:
    """Fails unless `function`, which messages name as `called`, takes exactly the parameters of `signature`."""
    if not callable(function):
        raise PatchTargetChanged(f"{called} is missing: the extension is written for MiniStack 1.5.33")
    found = ", ".join(_name(parameter) for parameter in inspect.signature(function).parameters.values())
    if found != signature:
        raise PatchTargetChanged(
            f"{called} takes ({found}), not ({signature}): the extension is written for MiniStack 1.5.33"
        )


def add_resource_type(provisioners: ModuleType, resource_type: str, handlers: dict[str, Callable[..., Any]]) -> None:
    """Teaches CloudFormation a resource type, if MiniStack has none of that name."""
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
    """Has CloudFormation call `before` with the properties of a resource that it creates or updates, and `after` too."""
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
