"""Runs cfn-lint on the transformed template: on the whole, and on its evaluation for every deployed set of parameters.

cfn-lint has the registry's schemas. So it checks the resources that SAM generates, and the values of parameters.
"""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version

from cfnlint import ManualArgs, api

from .. import resolved, sources
from ..places import REPOSITORY, place_of_resource
from ..report import Check, Findings

# Rules that do not apply after the transformation. W2001 also reports parameters that only an included file uses.
IGNORED = {"W2001": "a parameter that is unused after conditions are decided",
           "W8001": "a condition that is unused then"}
PASSED_FOLDER = REPOSITORY / ".local" / "aws-check" / "linted"
Match = tuple[str, str, list[str]]


def run() -> Findings:
    """Lints in one process per processor. This check takes nearly all of the time of aws-check."""
    templates = {"all": sources.transformed({})}
    for name, parameters in sources.deployed_parameters().items():
        templates[name] = resolved.evaluated_template(sources.transformed(parameters), parameters)
    # Sets that result in the same template are linted once.
    distinct = {json.dumps(template, sort_keys=True): name for name, template in reversed(templates.items())}
    findings = Findings(f"{len(templates)} templates, {len(distinct)} distinct")
    with ProcessPoolExecutor() as pool:
        for name, matches in zip(distinct.values(), pool.map(_linted, distinct)):
            for rule, message, path in matches:
                where = place_of_resource(path[1], *path[2:]) if path[:1] == ["Resources"] else "template.yaml:1"
                findings.add(where, f"{rule} {message} ({'/'.join(path)})", None if name == "all" else name)
    return findings


def _linted(template: str) -> list[Match]:
    """The matches in a template, cached: only changed templates are linted again."""
    name = hashlib.sha256(f"{version('cfn-lint')} {sorted(IGNORED)} {template}".encode()).hexdigest()
    kept = PASSED_FOLDER / f"{name}.json"
    if not kept.exists():
        found = api.lint(template, config=ManualArgs(regions=[sources.REGION], ignore_checks=list(IGNORED)))
        # cfn-lint's strings carry positions, and cannot be sent to another process.
        matches = [(str(it.rule.id), _shortened(str(it.message)), list(map(str, it.path or []))) for it in found]
        PASSED_FOLDER.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(matches), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def _shortened(message: str) -> str:
    """The message without the list of allowed values."""
    return re.sub(r"(is not one of) \[.{80,}\]", r"\1 the allowed values", message)


CHECK = Check("cloudformation", "cfn-lint, aws-sam-translator", run)
