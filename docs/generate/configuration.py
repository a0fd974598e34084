"""Writes docs/configuration.md from the template's parameters: `make docs`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "configuration.md"
STAGES = ("dev", "staging", "prod")

HEAD = """\
# Configuration

Every setting is a parameter of `template.yaml`. `make docs` generates this page from the template. `samconfig.toml` sets
parameters for each stage, and this page shows them. To set a parameter for one deployment:

```
make deploy STAGE=dev PARAMETERS='ResizeMemorySize=1769 LogRetentionDays=1'
```

A parameter that is left out keeps the value of the previous deployment. The default applies to the first deployment.
"""


class Loader(yaml.SafeLoader):
    """Ignores CloudFormation's short forms, such as `!Ref`: parameters do not use them."""


Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def page(template: dict[str, Any], stages: dict[str, Any]) -> str:
    """The whole page."""
    sections = [HEAD]
    for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        sections.append(f"\n## {group['Label']['default']}\n")
        for name in group["Parameters"]:
            sections.append(_parameter(name, template["Parameters"][name], stages))
    return "".join(sections)


def current() -> str:
    """The page, generated from the repository's files."""
    template = yaml.load((REPOSITORY / "template.yaml").read_text(encoding="utf-8"), Loader=Loader)
    return page(template, tomllib.loads((REPOSITORY / "samconfig.toml").read_text(encoding="utf-8")))


def _parameter(name: str, parameter: dict[str, Any], stages: dict[str, Any]) -> str:
    default = parameter["Default"]
    facts = [f"Default {f'`{default}`' if default != '' else 'empty'}", _range(parameter)]
    facts += [f"`{value}` in {stage}" for stage, value in _set_by(name, stages)]
    return f"\n### {name}\n\n{parameter['Description']}\n\n{'; '.join(facts)}.\n".replace("\n\n\n", "\n\n")


def _range(parameter: dict[str, Any]) -> str:
    if "AllowedValues" in parameter:
        return "one of " + ", ".join(f"`{value}`" for value in parameter["AllowedValues"])
    if "MinValue" in parameter:
        return f"from {parameter['MinValue']:,} to {parameter['MaxValue']:,}"
    if "ConstraintDescription" in parameter:
        return parameter["ConstraintDescription"]
    if "AllowedPattern" in parameter:
        return f"matches `{parameter['AllowedPattern']}`".replace("|", "\\|")
    return f"at most {parameter['MaxLength']:,} characters"


def _set_by(name: str, stages: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for stage in STAGES:
        overrides = stages[stage]["deploy"]["parameters"]["parameter_overrides"]
        if value := re.search(rf"(?:^| ){name}=(\S+)", overrides):
            found.append((stage, value[1]))
    return found


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
