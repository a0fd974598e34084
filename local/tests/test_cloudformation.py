"""The extension of CloudFormation: a table's time to live, versions of a state machine, roles, and inert resources."""

from __future__ import annotations

import json
from typing import Any

from clouds import Cloud, wait_for
from rights import role


def test_a_deployed_table_has_its_time_to_live(deployed: Cloud) -> None:
    assert time_to_live(deployed, deployed.outputs["TableName"]) == ("expires_at", "ENABLED")


def test_an_update_turns_the_time_to_live_off(deployed: Cloud) -> None:
    cloudformation = deployed.client("cloudformation")
    cloudformation.create_stack(StackName="ttl", TemplateBody=template({"AttributeName": "at", "Enabled": True}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="ttl", WaiterConfig={"Delay": 1})
    assert time_to_live(deployed, "ttl-table") == ("at", "ENABLED")

    cloudformation.update_stack(StackName="ttl", TemplateBody=template({"AttributeName": "at", "Enabled": "false"}))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="ttl", WaiterConfig={"Delay": 1})

    assert time_to_live(deployed, "ttl-table") == ("at", "DISABLED")


def test_a_table_without_a_time_to_live_has_none(deployed: Cloud) -> None:
    cloudformation = deployed.client("cloudformation")
    cloudformation.create_stack(StackName="no-ttl", TemplateBody=template(None, name="no-ttl-table"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="no-ttl", WaiterConfig={"Delay": 1})

    assert time_to_live(deployed, "no-ttl-table") == (None, "DISABLED")


def test_an_update_publishes_a_version_and_moves_the_alias_to_it(deployed: Cloud) -> None:
    cloudformation, assumed = deployed.client("cloudformation"), role(deployed, "states.amazonaws.com")
    cloudformation.create_stack(StackName="versions", TemplateBody=state_machine(assumed, answer="first"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="versions", WaiterConfig={"Delay": 1})
    first = outputs(deployed, "versions")
    assert run(deployed, first["Alias"]) == "first"

    cloudformation.update_stack(StackName="versions", TemplateBody=state_machine(assumed, answer="second"))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="versions", WaiterConfig={"Delay": 1})
    second = outputs(deployed, "versions")

    assert (first["Version"][-2:], second["Version"][-2:]) == (":1", ":2")
    assert second["Alias"] == first["Alias"] == first["Version"].removesuffix(":1") + ":live"
    assert run(deployed, second["Alias"]) == "second"
    # The earlier version is retained.
    states = deployed.client("stepfunctions")
    assert "first" in states.describe_state_machine(stateMachineArn=first["Version"])["definition"]
    assert run(deployed, first["Version"]) == "first"
    back = [{"stateMachineVersionArn": first["Version"], "weight": 100}]
    states.update_state_machine_alias(stateMachineAliasArn=first["Alias"], routingConfiguration=back)
    assert run(deployed, first["Alias"]) == "first"
    assert run(deployed, second["Version"].removesuffix(":2")) == "second"


def test_an_inert_resource_can_be_referred_to(deployed: Cloud) -> None:
    resources = {
        "Key": {"Type": "AWS::CloudFront::PublicKey", "Properties": {"PublicKeyConfig": {"Name": "key"}}},
        "Group": {
            "Type": "AWS::CloudFront::KeyGroup",
            "Properties": {"KeyGroupConfig": {"Name": "group", "Items": [{"Ref": "Key"}]}},
        },
    }
    kept = {"Resources": resources, "Outputs": {"Group": {"Value": {"Ref": "Group"}}}}
    cloudformation = deployed.client("cloudformation")
    cloudformation.create_stack(StackName="kept", TemplateBody=json.dumps(kept))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig={"Delay": 1})

    assert outputs(deployed, "kept")["Group"].startswith("Group-")


def test_a_resource_whose_service_may_not_assume_its_role_is_not_created(deployed: Cloud) -> None:
    cloudformation, rules = deployed.client("cloudformation"), role(deployed, "events.amazonaws.com")
    code = {"S3Bucket": "none", "S3Key": "none"}
    function = {"Runtime": "provided.al2023", "Handler": "bootstrap", "Code": code, "Role": rules}
    templates = {
        "states.amazonaws.com": state_machine(rules, answer="none"),
        "lambda.amazonaws.com": json.dumps({"Resources": {"Echo": {"Type": "AWS::Lambda::Function", "Properties": function}}}),
    }
    for service, body in templates.items():
        stack = service.partition(".")[0] + "-untrusted"
        cloudformation.create_stack(StackName=stack, TemplateBody=body)

        def reasons(stack: str = stack) -> list[str]:
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            return [it["ResourceStatusReason"] for it in events if it["ResourceStatus"] == "CREATE_FAILED"]

        assert f"{service} is not authorized to assume the role {rules}" in wait_for(reasons)[0]


def state_machine(role_arn: str, answer: str) -> str:
    definition = {"StartAt": "Answer", "States": {"Answer": {"Type": "Pass", "Result": answer, "End": True}}}
    resources = {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": "versions",
                "RoleArn": role_arn,
                "DefinitionString": json.dumps(definition),
            },
        },
        "Version": {
            "Type": "AWS::StepFunctions::StateMachineVersion",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "StateMachineArn": {"Ref": "Machine"},
                "StateMachineRevisionId": {"Fn::GetAtt": ["Machine", "StateMachineRevisionId"]},
            },
        },
        "Alias": {
            "Type": "AWS::StepFunctions::StateMachineAlias",
            "Properties": {
                "Name": "live",
                "DeploymentPreference": {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": {"Ref": "Version"}},
            },
        },
    }
    names = {name: {"Value": {"Ref": name}} for name in ("Version", "Alias")}
    return json.dumps({"Resources": resources, "Outputs": names})


def run(cloud: Cloud, arn: str) -> str:
    """Starts an execution of a state machine, version or alias, and returns its output."""
    states = cloud.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    return wait_for(lambda: json.loads(states.describe_execution(executionArn=execution).get("output", "null")))


def outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    (described,) = cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def template(specification: dict[str, Any] | None, name: str = "ttl-table") -> str:
    table = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
        **({"TimeToLiveSpecification": specification} if specification else {}),
    }
    return json.dumps({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": table}}})


def time_to_live(cloud: Cloud, table: str) -> tuple[str | None, str]:
    description = cloud.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return description.get("AttributeName"), description["TimeToLiveStatus"]
