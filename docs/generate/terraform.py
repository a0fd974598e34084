"""Writes terraform/variables.tf and terraform/outputs.tf from the template: `make docs`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
MODULE = REPOSITORY / "terraform"
HEAD = "# Generated from template.yaml by `make docs`: do not edit.\n"
# `module` reserves no names, but Terraform refuses these as variables of a module.
RESERVED = {"count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"}


class Loader(yaml.SafeLoader):
    """Ignores CloudFormation's short forms, such as `!Ref`: neither parameters nor descriptions of outputs use them."""


Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def files(template: dict[str, Any]) -> dict[str, str]:
    """The name of each generated file, and its text."""
    parameters = template["Parameters"]
    variables = [_variable(name, it) for name, it in parameters.items()]
    outputs = [_output(name, it) for name, it in template["Outputs"].items()]
    return {
        "variables.tf": "\n".join([HEAD, *variables]),
        "parameters.tf": "\n".join([HEAD, _parameters(parameters)]),
        "outputs.tf": "\n".join([HEAD, *outputs]),
    }


def current() -> dict[str, str]:
    """The files, generated from the repository's template."""
    return files(yaml.load((REPOSITORY / "template.yaml").read_text(encoding="utf-8"), Loader=Loader))


def snake_case(name: str) -> str:
    """`ApiManageKeys` becomes `api_manage_keys`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _variable(name: str, parameter: dict[str, Any]) -> str:
    variable = snake_case(name)
    assert variable not in RESERVED, variable
    lines = [f'variable "{variable}" {{']
    lines.append(f"  description = {_text(parameter['Description'])}")
    lines.append(f"  type        = {_type(parameter)}")
    lines.append(f"  default     = {_default(parameter)}")
    lines.append("  nullable    = false")
    for condition, message in _validations(f"var.{variable}", parameter):
        lines += ["", "  validation {", f"    condition     = {condition}", f"    error_message = {_text(message)}", "  }"]
    return "\n".join([*lines, "}", ""])


def _type(parameter: dict[str, Any]) -> str:
    return {"String": "string", "Number": "number", "CommaDelimitedList": "list(string)"}[parameter["Type"]]


def _default(parameter: dict[str, Any]) -> str:
    default = parameter["Default"]
    if parameter["Type"] == "Number":
        return str(default)
    if parameter["Type"] == "CommaDelimitedList":
        return f"[{', '.join(_text(it) for it in default.split(','))}]"
    return _text(str(default))


def _validations(value: str, parameter: dict[str, Any]) -> list[tuple[str, str]]:
    """Each condition, and the message for a value that does not meet it."""
    found = []
    is_list = parameter["Type"] == "CommaDelimitedList"
    if allowed := parameter.get("AllowedValues"):
        texts = [str(it) if parameter["Type"] == "Number" else _text(str(it)) for it in allowed]
        found.append((f"contains([{', '.join(texts)}], {value})", f"Must be one of {', '.join(map(str, allowed))}."))
    if "MinValue" in parameter:
        low, high = parameter["MinValue"], parameter["MaxValue"]
        found.append((f"{value} >= {low} && {value} <= {high}", f"Must be from {low} to {high}."))
    if pattern := parameter.get("AllowedPattern"):
        # CloudFormation compares the whole value. In RE2, $ is the end of the text.
        whole = _text(f"^(?:{pattern})$")
        matches = f"can(regex({whole}, {value}))"
        condition = f"alltrue([for it in {value} : can(regex({whole}, it))])" if is_list else matches
        found.append((condition, _sentence(parameter.get("ConstraintDescription", f"matches {pattern}"))))
    if "MaxLength" in parameter:
        found.append((f"length({value}) <= {parameter['MaxLength']}", f"At most {parameter['MaxLength']} characters."))
    return found


def _parameters(parameters: dict[str, Any]) -> str:
    names = [name for name in parameters if name != "Release"]
    width = max(map(len, names))
    lines = ["locals {", "  # Every parameter except Release, which main.tf sets.", "  parameters = {"]
    for name in names:
        value = f"var.{snake_case(name)}"
        value = {"Number": f"tostring({value})", "CommaDelimitedList": f'join(",", {value})'}.get(parameters[name]["Type"], value)
        lines.append(f"    {name:<{width}} = {value}")
    return "\n".join([*lines, "  }", "}", ""])


def _output(name: str, output: dict[str, Any]) -> str:
    lines = [f'output "{snake_case(name)}" {{']
    description = output.get("Description", f"The output {name} of the stack.")
    condition = f" Null without the resource: {output['Condition']}." if "Condition" in output else ""
    lines.append(f"  description = {_text(_sentence(description) + condition)}")
    lines.append(f'  value       = lookup(aws_cloudformation_stack.darkroom.outputs, "{name}", null)')
    return "\n".join([*lines, "}", ""])


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def _text(text: str) -> str:
    """A string of HCL. JSON has the same escapes; templates need their own."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


if __name__ == "__main__":
    MODULE.mkdir(exist_ok=True)
    for name, text in current().items():
        (MODULE / name).write_text(text, encoding="utf-8")
