"""The template as CloudFormation has it after SAM's transform: what SAM adds by itself is looked at, too."""

import pytest
import yaml
from cloudformation import REPOSITORY, listed
from transformed import transformed


@pytest.fixture(scope="module")
def resources():
    return transformed()


def statements(resources):
    for role in (it["Properties"] for it in resources.values() if it["Type"] == "AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]


def test_no_managed_policy_is_attached_but_that_of_api_gateways_log(resources):
    attached = {name: it["Properties"]["ManagedPolicyArns"] for name, it in resources.items()
                if it["Type"] == "AWS::IAM::Role" and it["Properties"].get("ManagedPolicyArns")}
    pushes = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
    assert attached.pop("ApiGatewayLogRole") == [pushes]
    # Tracing: SAM's for the state machine.
    assert attached.keys() <= {"ImagePipelineRole"}


def test_nothing_of_step_functions_is_allowed_by_the_arn_of_an_alias_or_a_version(resources):
    about = [it for it in statements(resources) if any("states:" in action for action in listed(it["Action"]))]
    assert len(about) == 3
    for statement in about:
        for resource in listed(statement["Resource"]):
            assert resources[resource["Ref"]]["Type"] == "AWS::StepFunctions::StateMachine", statement


def test_there_is_one_stage_and_it_has_the_name_of_the_parameter(resources):
    stages = [it["Properties"]["StageName"] for it in resources.values() if "StageName" in it["Properties"]]
    assert stages == [{"Ref": "Stage"}]


def test_every_rule_retries_and_has_a_dead_letter_queue(resources):
    rules = [it["Properties"] for it in resources.values() if it["Type"] == "AWS::Events::Rule"]
    assert len(rules) == 3
    for rule in rules:
        (target,) = rule["Targets"]
        assert target["DeadLetterConfig"] and target["RetryPolicy"]


def test_the_body_is_what_was_made_for_the_importer(resources):
    body = resources["Api"]["Properties"]["Body"]
    assert body == yaml.safe_load((REPOSITORY / "api" / "deployed.yaml").read_text(encoding="utf-8"))
