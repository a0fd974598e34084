"""All checks in the order in which they run: fast ones first."""

from __future__ import annotations

from ..report import Check
from . import cloudformation, deploy_role, expressions, importer, mappings, permissions, replacements, sdk_calls, shape

ALL: tuple[Check, ...] = (
    shape.CHECK,
    importer.CHECK,
    permissions.CHECK,
    deploy_role.CHECK,
    replacements.CHECK,
    sdk_calls.CHECK,
    expressions.CHECK,
    mappings.CHECK,
    cloudformation.CHECK,
)
