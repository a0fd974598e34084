import json

import pytest
from cloudformation import REPOSITORY, load_template, resources_of_type


@pytest.fixture(scope="session")
def template():
    return load_template()


@pytest.fixture(scope="session")
def functions(template):
    return resources_of_type(template, "AWS::Serverless::Function")


@pytest.fixture(scope="session")
def image_pipeline(template):
    """The state machine's properties in the template."""
    return template["Resources"]["ImagePipeline"]["Properties"]


@pytest.fixture(scope="session")
def definition():
    """The state machine's definition."""
    return json.loads((REPOSITORY / "statemachine" / "image_pipeline.asl.json").read_text(encoding="utf-8"))
