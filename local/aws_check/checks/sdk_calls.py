"""Every request that the functions send, and every error code that the code matches, against botocore's models.

The models are AWS's own. Codes that S3 and others give without modelling them stand below with their source.
"""

from __future__ import annotations

import re
from pathlib import Path

from botocore.validate import ParamValidator

from .. import requests
from ..places import REPOSITORY, place_of_text
from ..report import Check, Findings

SOURCES = ("crates/pipeline/src/aws", "cli/src")
# Error codes that no model has. `Common`: every service's reference, "Common errors". `S3`: its API reference, "Error
# responses". They are answered by what stands before the service proper.
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
# `is_no_such_key()` and `Error::NoSuchKey(` are generated from the model of an operation: they compile or do not. What
# is compared by hand is a text.
MATCHED = re.compile(r'(?:code\(\)|error_code\(\))\s*(?:==|!=)\s*Some\("([A-Za-z.]+)"\)|^\s*Some\("([A-Za-z.]+)"\) =>', re.M)
LISTS = re.compile(r"const (?:GONE|MISCONFIGURED|NOT_REDRIVABLE): [^=]+= \[([^\]]+)\]")


def run() -> Findings:
    """Requests first, then codes."""
    findings, sent = Findings(), requests.recorded()
    for request in sent:
        where = f"{request.function}: {request.service}:{request.operation}"
        if request.operation == "?":
            findings.add(request.place, f"{where} is no operation that botocore knows")
            continue
        for name in request.unknown:
            findings.add(request.place, f"{where} has no parameter {name}")
        shape = requests.model(request.service).operation_model(request.operation).input_shape
        # A body of bytes is not recorded, and may be required.
        if report := ParamValidator().validate(request.given, shape).generate_report():
            findings.add(request.place, f"{where}: {' '.join(report.split())}")
        for name in request.given.keys() - shape.members.keys():
            findings.add(request.place, f"{where} has no parameter {name}")
    codes = list(_codes())
    modelled = {code for service in requests.SERVICES.values() for code in _modelled(service)} | set(_modelled("sqs"))
    for place, code in codes:
        if code not in modelled and code not in NOT_MODELLED:
            findings.add(place, f"the error code {code} is in no model, and has no source in {Path(__file__).name}")
    for code in NOT_MODELLED.keys() - {code for _, code in codes}:
        findings.add(place_of_text(Path(__file__), f'"{code}"'), f"nothing matches {code} any more")
    findings.looked_at = f"{len(sent)} requests, {len(codes)} error codes"
    return findings


def _modelled(service: str) -> set[str]:
    return {it.metadata.get("error", {}).get("code", it.name) for it in requests.model(service).error_shapes}


def _codes() -> list[tuple[str, str]]:
    """Every code that is matched as a text, with its place."""
    found: list[tuple[str, str]] = []
    for folder in SOURCES:
        for file in sorted((REPOSITORY / folder).rglob("*.rs")):
            text = file.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
            codes = ["".join(pair) for pair in MATCHED.findall(text)]
            codes += [code for listed in LISTS.findall(text) for code in re.findall(r'"([A-Za-z.]+)"', listed)]
            found += [(place_of_text(file, f'"{code}"'), code) for code in dict.fromkeys(codes)]
    return found


CHECK = Check("sdk-calls", "botocore's models", run)
