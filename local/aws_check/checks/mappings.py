"""Renders the API's mapping templates by two engines: velocityjs, and airspeed, which the local cloud uses.

The engines share no code. They must agree on each template, and the result must be JSON. It must not depend on the case
of header names: HTTP/2 has lower case, and Python's urllib sends `Content-type`. `$input.params` is case-sensitive.
"""

from __future__ import annotations

import json
import subprocess
from itertools import product
from typing import Any

from .. import npm, sources
from ..places import REPOSITORY, place
from ..report import Check, Findings
from .importer import INTEGRATION, deployed_bodies, operations

# The environment that has airspeed.
PYTHON = REPOSITORY / ".local" / "cloud" / "bin" / "python"
FIRST_ENGINE = """
import json, sys
from darkroom_local.extension.apigateway_templates import render
answers = []
for it in json.load(sys.stdin):
    text = render(it["template"], it["parameters"], it["context"])
    answers.append({"text": text, "override": it["context"]["responseOverride"]})
json.dump(answers, sys.stdout)
"""
PARAMETERS = {
    "Content-Type": ["image/jpeg", "image/gif"],
    "Origin": ["https://a.example", "https://other.example", ""],
}
CONTEXT = {"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "path": "/dev/images"}


def run() -> Findings:
    """Renders each template of each body, for each request."""
    findings, asked = Findings(), {}
    for body in deployed_bodies():
        for path, template in _templates(json.loads(body)):
            for values in product(*PARAMETERS.values()):
                parameters = {name: value for name, value in zip(PARAMETERS, values) if value}
                for write in (str, str.lower, str.capitalize):
                    sent = {write(name): value for name, value in parameters.items()}
                    question = {"template": template, "parameters": sent,
                                "context": CONTEXT | {"responseOverride": {"header": {}}}}
                    asked[json.dumps(question)] = path
    questions = [json.loads(it) for it in asked]
    first, second = _airspeed(questions), npm.run_script("templates.mjs", questions)
    answers: dict[str, dict[str, Any]] = {}
    for question, path, one, other in zip(questions, asked.values(), first, second):
        where = place(sources.api_file(), path)
        request = json.dumps([question["template"], {name.lower(): it for name, it in question["parameters"].items()}])
        if answers.setdefault(request, other) != other:
            findings.add(where, f"the result is {other} or {answers[request]}, depending on the case of header names")
        if one != other:
            findings.add(where, f"airspeed: {one}, velocityjs: {other}, with {question['parameters']}")
        elif text := other["text"].strip():
            try:
                json.loads(text)
            except ValueError as error:
                findings.add(where, f"{error}: {text}")
    findings.looked_at = f"{len({it['template'] for it in questions})} templates, {len(questions)} requests"
    return findings


def _templates(body: dict[str, Any]) -> list[tuple[list[str], str]]:
    found = []
    for path, operation in operations(body):
        integration = operation[INTEGRATION]
        for kind, template in integration.get("requestTemplates", {}).items():
            found.append(([*path, INTEGRATION, "requestTemplates", kind], template))
        for answer, response in integration.get("responses", {}).items():
            for kind, template in response.get("responseTemplates", {}).items():
                found.append(([*path, INTEGRATION, "responses", answer, "responseTemplates", kind], template))
    return found


def _airspeed(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run([PYTHON, "-c", FIRST_ENGINE], cwd=REPOSITORY / "local", input=json.dumps(questions),
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


CHECK = Check("mappings", "velocityjs beside airspeed", run)
