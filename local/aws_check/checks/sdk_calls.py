"""Checks every request of the functions, and every error code that the code matches, against botocore's models.

The models are AWS's own. Error codes that the models lack are listed below with their source.
"""

from __future__ import annotations

import re
from pathlib import Path

from botocore.validate import ParamValidator

from .. import requests
from ..places import REPOSITORY, place_of_text
from ..report import Check, Findings

SOURCES = ("crates/pipeline/src/aws", "cli/src")
# Error codes that no model has. `Common`: "Common errors" in every service's reference. `S3`: "Error responses" in its
# API reference.
NOT_MODELLED = {
    "AccessDenied": "S3",
    "AccessDeniedException": "Common",
    "InvalidAccessKeyId": "S3",
    "MethodNotAllowed": "S3: a GET of a version that is a delete marker",
    "NoSuchBucketPolicy": "S3",
    "NoSuchVersion": "S3",
    "PreconditionFailed": "S3",
    "SignatureDoesNotMatch": "S3",
    "UnrecognizedClientException": "Common",
    "ValidationException": "Common",
}
# Only codes that are compared as text are checked. `is_no_such_key()` and `Error::NoSuchKey(` are generated from the
# models, so that a wrong one does not compile.
MATCHED = re.compile(r'(?:code\(\)|error_code\(\))\s*(?:==|!=)\s*Some\("([A-Za-z.]+)"\)|^\s*Some\("([A-Za-z.]+)"\) =>', re.M)
CODE_LISTS = re.compile(r"const (?:GONE|MISCONFIGURED|NOT_REDRIVABLE): [^=]+= \[([^\]]+)\]")


def run() -> Findings:
    """Checks the requests, then the codes."""
    findings, sent = Findings(), requests.recorded()
    for request in sent:
        where = f"{request.function}: {request.service}:{request.operation}"
        if request.operation == "?":
            findings.add(request.place, f"botocore knows no such operation: {where}")
            continue
        for name in request.unknown:
            findings.add(request.place, f"{where} has no parameter {name}")
        shape = requests.model(request.service).operation_model(request.operation).input_shape
        # Bodies of bytes are not recorded, although an operation may require one.
        if report := ParamValidator().validate(request.given, shape).generate_report():
            findings.add(request.place, f"{where}: {' '.join(report.split())}")
        for name in request.given.keys() - shape.members.keys():
            findings.add(request.place, f"{where} has no parameter {name}")
    codes = list(_codes())
    modelled = set[str]().union(*(_codes_in_models(service) for service in [*requests.SERVICES.values(), "sqs"]))
    for place, code in codes:
        if code not in modelled and code not in NOT_MODELLED:
            findings.add(place, f"the error code {code} is in no model, and {Path(__file__).name} has no source for it")
    for code in NOT_MODELLED.keys() - {code for _, code in codes}:
        findings.add(place_of_text(Path(__file__), f'"{code}"'), f"the code no longer matches {code}")
    findings.looked_at = f"{len(sent)} requests, {len(codes)} error codes"
    return findings


def _codes_in_models(service: str) -> set[str]:
    return {it.metadata.get("error", {}).get("code", it.name) for it in requests.model(service).error_shapes}


def _codes() -> list[tuple[str, str]]:
    """The error codes that the code compares as text, with their places."""
    found: list[tuple[str, str]] = []
    for folder in SOURCES:
        for file in sorted((REPOSITORY / folder).rglob("*.rs")):
            text = file.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
            codes = ["".join(pair) for pair in MATCHED.findall(text)]
            codes += [code for listed in CODE_LISTS.findall(text) for code in re.findall(r'"([A-Za-z.]+)"', listed)]
            found += [(place_of_text(file, f'"{code}"'), code) for code in dict.fromkeys(codes)]
    return found


CHECK = Check("sdk-calls", "botocore's models", run)
