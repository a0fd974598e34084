"""`darkroom doctor` checks exactly the rights that the template gives to each role."""

import json

import pytest
from cloudformation import REPOSITORY, listed, statements

RIGHTS = json.loads((REPOSITORY / "cli" / "src" / "doctor" / "required_permissions.json").read_text(encoding="utf-8"))
ROLES = {"rule": "UploadArrivedRole", "UploadRole": "UploadRole", "IntakePipeRole": "IntakePipeRole"}


def checked(role):
    return {action for right in RIGHTS if right["role"] == role for action in right["actions"]}


def allowed(properties):
    return {
        action
        for statement in statements(properties)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


def test_the_doctor_checks_the_rights_of_each_function(functions):
    # Traces have no narrower resource, and nothing fails without them.
    assert {name: checked(f"{name}Role") for name in functions} == {
        name: {action for action in allowed(properties) if not action.startswith("xray:")}
        for name, properties in functions.items()
    }


def test_the_doctor_checks_the_rights_of_the_state_machine(image_pipeline):
    # Log delivery has no narrower resource.
    given = {action for action in allowed(image_pipeline) if not action.startswith("logs:")}
    assert checked("ImagePipelineRole") == given


@pytest.mark.parametrize("role", ROLES)
def test_the_doctor_checks_the_rights_of_the_other_roles(role, template):
    properties = template["Resources"][ROLES[role]]["Properties"]
    policies = [policy["PolicyDocument"] for policy in properties["Policies"]]
    assert checked(role) == allowed({"Policies": policies})


def test_the_doctor_checks_no_other_role(functions):
    known = {*ROLES, "ImagePipelineRole", *(f"{name}Role" for name in functions)}
    assert {right["role"] for right in RIGHTS} == known
