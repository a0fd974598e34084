"""What `darkroom doctor` asks of the roles is what the template gives them."""

import json

import pytest
from cloudformation import REPOSITORY, listed, statements

RIGHTS = json.loads((REPOSITORY / "cli" / "src" / "doctor" / "required_permissions.json").read_text(encoding="utf-8"))
ROLES = {"rule": "UploadArrivedRole", "UploadRole": "UploadRole", "IntakePipeRole": "IntakePipeRole"}


def asked(role):
    return {action for right in RIGHTS if right["role"] == role for action in right["actions"]}


def allowed(properties):
    return {
        action
        for statement in statements(properties)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


def test_of_each_function(functions):
    # Traces have no resource that could be named, and nothing fails without them.
    assert {name: asked(f"{name}Role") for name in functions} == {
        name: {action for action in allowed(properties) if not action.startswith("xray:")}
        for name, properties in functions.items()
    }


def test_of_the_state_machine(image_pipeline):
    # Log delivery has no resource that could be named.
    given = {action for action in allowed(image_pipeline) if not action.startswith("logs:")}
    assert asked("ImagePipelineRole") == given


@pytest.mark.parametrize("role", ROLES)
def test_of_the_other_roles(role, template):
    properties = template["Resources"][ROLES[role]]["Properties"]
    policies = [policy["PolicyDocument"] for policy in properties["Policies"]]
    assert asked(role) == allowed({"Policies": policies})


def test_no_other_role_is_named(functions):
    known = {*ROLES, "ImagePipelineRole", *(f"{name}Role" for name in functions)}
    assert {right["role"] for right in RIGHTS} == known
