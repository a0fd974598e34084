"""cfn-lint over the transformed template: whole, and as it is for every set of parameters that is deployed.

It knows the schemas of the registry, so it sees what SAM made of the template, and where the values of parameters go.
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

# Of the transformed template only. The first: a parameter that only the state machine's file or the API's uses.
IGNORED = {"W2001": "a parameter that is not used once conditions are decided", "W8001": "likewise a condition"}
KEPT = REPOSITORY / ".local" / "aws-check" / "linted"
Match = tuple[str, str, list[str]]


def run() -> Findings:
    """Lints in as many processes as there are processors: it is nearly all of what these checks take."""
    templates = {"all": sources.transformed({})}
    for name, parameters in sources.deployed_sets().items():
        templates[name] = resolved.specialised(sources.transformed(parameters), parameters)
    # Sets that come to the same template are linted once.
    distinct = {json.dumps(template, sort_keys=True): name for name, template in reversed(templates.items())}
    findings = Findings(f"{len(templates)} templates, {len(distinct)} distinct")
    with ProcessPoolExecutor() as pool:
        for name, matches in zip(distinct.values(), pool.map(_linted, distinct)):
            for rule, message, path in matches:
                where = place_of_resource(path[1], *path[2:]) if path[:1] == ["Resources"] else "template.yaml:1"
                findings.add(where, f"{rule} {message} ({'/'.join(path)})", None if name == "all" else name)
    return findings


def _linted(template: str) -> list[Match]:
    """What was found in a template before is kept: only what changed is linted again."""
    name = hashlib.sha256(f"{version('cfn-lint')} {sorted(IGNORED)} {template}".encode()).hexdigest()
    kept = KEPT / f"{name}.json"
    if not kept.exists():
        found = api.lint(template, config=ManualArgs(regions=[sources.REGION], ignore_checks=list(IGNORED)))
        # cfn-lint's texts know where they stand, and cannot be handed from process to process.
        matches = [(str(it.rule.id), _short(str(it.message)), list(map(str, it.path or []))) for it in found]
        KEPT.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(matches), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def _short(message: str) -> str:
    """Without the list of everything that would have been right."""
    return re.sub(r"(is not one of) \[.{80,}\]", r"\1 what there is", message)


CHECK = Check("cloudformation", "cfn-lint, aws-sam-translator", run)
