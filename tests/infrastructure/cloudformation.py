"""Reads `template.yaml` into plain values.

References become the text that `!Sub` would have: `!Ref X` is `${X}`, `!GetAtt X.Arn` is `${X.Arn}`. Other functions
become `{"Fn::If": [...]}`. Nothing is deployed or transformed.
"""

from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


class _Loader(yaml.SafeLoader):
    pass


def _construct(loader, tag, node):
    if tag in ("Ref", "GetAtt"):
        return "${" + node.value + "}"
    if tag == "Sub" and isinstance(node, yaml.ScalarNode):
        return node.value
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda it: loader.construct_sequence(it, deep=True),
        yaml.MappingNode: lambda it: loader.construct_mapping(it, deep=True),
    }[type(node)]
    return {f"Fn::{tag}": construct(node)}


_Loader.add_multi_constructor("!", _construct)


def load_template(path=REPOSITORY / "template.yaml"):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def resources_of_type(template, resource_type):
    """Logical id to properties. A function also has the template's Globals, merged as SAM does, and its role's
    policies."""
    found = {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }
    if resource_type == "AWS::Serverless::Function":
        merged = {name: _merged(template["Globals"]["Function"], properties) for name, properties in found.items()}
        return {name: {**function, "Policies": _policies(template, function["Role"])} for name, function in merged.items()}
    return found


def statements(properties):
    """The statements of the role of a function or a state machine."""
    return [statement for policy in properties["Policies"] for statement in policy["Statement"]]


def listed(value):
    """A list. IAM accepts a single value instead of a list."""
    return value if isinstance(value, list) else [value]


def texts(value):
    """Every string in a nested value, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def _policies(template, role_arn):
    role = template["Resources"][role_arn.removeprefix("${").removesuffix(".Arn}")]["Properties"]
    # A managed policy would have rights that are not in these statements.
    assert "ManagedPolicyArns" not in role, role_arn
    return [policy["PolicyDocument"] for policy in role["Policies"]]


def _merged(base, over):
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: _merged(base.get(key), over.get(key)) for key in base | over}
    return base if over is None else over
