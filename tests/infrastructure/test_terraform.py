"""The Terraform module has the template's parameters and outputs."""

import re
import sys

import pytest
from cloudformation import REPOSITORY

sys.path[:0] = [str(REPOSITORY / "docs" / "generate")]

import terraform  # noqa: E402

MODULE = REPOSITORY / "terraform"
# The module's own variables; each parameter of the template has a generated one.
OWN = {"name", "template_file", "artifacts_bucket", "tags"}


def blocks(kind, *files):
    """The names of the blocks of a kind, such as `variable`, in files of the module."""
    text = "".join((MODULE / name).read_text(encoding="utf-8") for name in files)
    return re.findall(rf'^{kind} "(\w+)"', text, re.MULTILINE)


@pytest.mark.parametrize("name", terraform.current())
def test_a_generated_file_is_up_to_date(name):
    assert (MODULE / name).read_text(encoding="utf-8") == terraform.current()[name], "run `make docs`"


def test_every_parameter_has_a_variable_and_every_output_an_output(template):
    parameters = {terraform.snake_case(name) for name in template["Parameters"]}
    assert parameters & OWN == set()
    assert sorted(blocks("variable", "main.tf", "variables.tf")) == sorted(parameters | OWN)
    assert sorted(blocks("output", "outputs.tf")) == sorted(map(terraform.snake_case, template["Outputs"]))


def test_every_parameter_is_passed_to_the_stack(template):
    passed = re.findall(r"^ +(\w+) += ", (MODULE / "parameters.tf").read_text(encoding="utf-8"), re.MULTILINE)
    assert "parameters   = merge(local.parameters, { Release = local.release })" in (MODULE / "main.tf").read_text()
    assert [*passed[1:], "Release"] == [*(name for name in template["Parameters"] if name != "Release"), "Release"]


def test_the_example_sets_variables_that_exist(template):
    example = (MODULE / "example" / "main.tf").read_text(encoding="utf-8")
    module = re.search(r'^module "darkroom" \{\n(.*?)^\}', example, re.DOTALL | re.MULTILINE)[1]
    used = set(re.findall(r"^  (\w+) += ", module, re.MULTILINE)) - {"source"}
    assert used <= set(blocks("variable", "main.tf", "variables.tf"))
    assert set(re.findall(r"module\.darkroom\.(\w+)", example)) <= set(blocks("output", "outputs.tf"))


@pytest.mark.parametrize(
    ("parameter", "accepted", "refused"),
    [
        ({"Type": "String", "AllowedPattern": "a|b"}, ["a", "b"], ["ab", "xa", "bx", ""]),
        ({"Type": "String", "AllowedPattern": r"^$|\s*\{[\s\S]*\}\s*"}, ["", '{"a": 1}\n'], ["x{}", "{"]),
        ({"Type": "String", "AllowedPattern": r"'\d${x}'"}, [], ["a"]),
    ],
)
def test_a_pattern_is_compared_with_the_whole_value(parameter, accepted, refused):
    [(condition, _)] = terraform._validations("var.x", parameter)
    literal = re.fullmatch(r"can\(regex\((.*), var\.x\)\)", condition)[1]
    pattern = literal[1:-1].replace("$${", "${").replace("\\\\", "\\").replace('\\"', '"')
    assert [value for value in accepted + refused if re.search(pattern, value)] == accepted
