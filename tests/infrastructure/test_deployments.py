"""Deploys the whole template to a local cloud, with the parameters of each stage and of each feature.

The functions are stubs: these tests check what CloudFormation creates for the parameters.
"""

import json
import os
import platform
import re
import socket
import subprocess
import sys
import tomllib

import pytest
from cloudformation import REPOSITORY
from darkroom_local.clients import client_at
from darkroom_local.layout import Instance

SAM = REPOSITORY / ".local" / "sam" / "bin" / "sam"
STUB = REPOSITORY / "local" / "tests" / "stack" / "function"
STAGES = tomllib.loads((REPOSITORY / "samconfig.toml").read_text(encoding="utf-8"))
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12ab"


class Cloud:
    """A local cloud for these tests."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.instance = Instance(folder, self.port)
        self.template = folder / "template.yaml"
        text = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
        absolute = {
            "CodeUri: .\n": f"CodeUri: {STUB}\n",
            "DefinitionUri: ": f"DefinitionUri: {REPOSITORY}/",
            "Location: ": f"Location: {REPOSITORY}/",
        }
        for relative, path in absolute.items():
            assert relative in text
            text = text.replace(relative, path)
        self.template.write_text(text, encoding="utf-8")

    def run(self, *command):
        place = ["--dir", str(self.folder), "--port", str(self.port)]
        subprocess.run([sys.executable, str(REPOSITORY / "local" / "cloud.py"), *place, *command], check=True)

    def deploy(self, stack, parameters):
        """Deploys the template as a stack, and returns its outputs."""
        overrides = [f'{name}="{value}"' for name, value in {**parameters, "Architecture": ARCHITECTURE}.items()]
        command = [
            str(SAM), "deploy", "--template-file", str(self.template), "--stack-name", stack, "--resolve-s3",
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
            "--config-env", "none", "--parameter-overrides", *overrides,
        ]  # fmt: skip
        tools = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.1"}
        environment = os.environ | self.instance.client_environment() | tools
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (described,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    def client(self, service):
        return client_at(self.instance.access(), service)

    def environment_of(self, function):
        """The environment variables of a function."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=function)
        return configuration["Environment"]["Variables"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    if not SAM.exists():
        pytest.skip("SAM is not installed: make setup")
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    cloud.run("start")
    yield cloud
    cloud.run("stop")


def stage(name):
    """The name of a stage's stack, and its parameters as `make deploy` sets them."""
    deploy = STAGES[name]["deploy"]["parameters"]
    parameters = dict(one.split("=", 1) for one in deploy["parameter_overrides"].split())
    return deploy["stack_name"], {**parameters, "Release": "first"}


def called_functions(cloud, arn):
    """The functions that a state machine, or a version of it, calls."""
    definition = cloud.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
    return set(re.findall(r"arn:aws:lambda:[^\"]*", definition))


def test_dev_has_no_cdn(cloud):
    outputs = cloud.deploy(*stage("dev"))
    assert not {name for name in outputs if name.startswith("Deliver")}
    assert "DELIVERY_DOMAIN" not in cloud.environment_of(outputs["NotifyFunctionName"])


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_staging_and_prod_have_a_cdn(cloud, name):
    outputs = cloud.deploy(*stage(name))
    assert cloud.environment_of(outputs["NotifyFunctionName"])["DELIVERY_DOMAIN"] == outputs["DeliveryDomain"]
    distribution = cloud.client("cloudfront").get_distribution_config(Id=outputs["DistributionId"])
    behavior = distribution["DistributionConfig"]["DefaultCacheBehavior"]
    assert behavior["ViewerProtocolPolicy"] == "https-only"
    assert not behavior.get("TrustedKeyGroups", {}).get("Enabled")
    policy = cloud.client("s3").get_bucket_policy(Bucket=outputs["DestinationBucketName"])["Policy"]
    readers = [it for it in json.loads(policy)["Statement"] if it["Effect"] == "Allow"]
    assert [it["Condition"]["StringEquals"]["aws:SourceArn"].split("/")[-1] for it in readers] == [
        outputs["DistributionId"]
    ]


def test_private_delivery_has_its_own_domain_and_its_keys_can_be_rotated(cloud):
    private = {"Delivery": "CloudFront", "DeliveryDomainName": "p.example.com", "DeliveryCertificateArn": CERTIFICATE}
    before = cloud.deploy("private", {**private, "DeliveryPublicKeyA": KEY})
    assert cloud.environment_of(before["NotifyFunctionName"])["DELIVERY_DOMAIN"] == "p.example.com"
    between = cloud.deploy("private", {**private, "DeliveryPublicKeyA": KEY, "DeliveryPublicKeyB": KEY})
    assert between["DeliveryKeyIdA"] == before["DeliveryKeyIdA"]
    # SAM keeps the last value of a parameter that is not set.
    after = cloud.deploy("private", {**private, "DeliveryPublicKeyA": "", "DeliveryPublicKeyB": KEY})
    assert after["DeliveryKeyIdB"] == between["DeliveryKeyIdB"] and "DeliveryKeyIdA" not in after
    distribution = cloud.client("cloudfront").get_distribution_config(Id=after["DistributionId"])
    trusted = distribution["DistributionConfig"]["DefaultCacheBehavior"]["TrustedKeyGroups"]
    assert trusted["Enabled"] and trusted["Quantity"] == 1


@pytest.mark.parametrize("parameters", [{}, {"Delivery": "CloudFront"}, {"Observe": "Off"}], ids=str)
def test_the_dashboard_has_the_widgets_for_its_parameters(cloud, parameters):
    stack = "watched" + "-".join(["", *parameters.values()]).lower()
    cloud.deploy(stack, parameters)
    watched = [it["DashboardName"] for it in cloud.client("cloudwatch").list_dashboards()["DashboardEntries"]]
    assert (stack in watched) is (parameters.get("Observe") != "Off")
    if stack in watched:
        body = cloud.client("cloudwatch").get_dashboard(DashboardName=stack)["DashboardBody"]
        titles = [widget["properties"]["title"] for widget in json.loads(body)["widgets"]]
        assert ("CDN" in titles) is ("Delivery" in parameters)


def test_each_release_calls_its_own_functions_and_the_alias_is_at_the_last(cloud):
    states = cloud.client("stepfunctions")
    first = cloud.deploy("releases", {"Release": "first"})
    second = cloud.deploy("releases", {"Release": "second", "Rollout": "CANARY"})
    names = [first[f"{name}FunctionName"] for name in ("Validate", "Resize", "Notify")]
    prefix = "arn:aws:lambda:us-east-1:000000000000:function:"
    for number, version in (("1", first), ("2", second)):
        arn = f"{version['StateMachineArn']}:{number}"
        assert called_functions(cloud, arn) == {f"{prefix}{name}:{number}" for name in names}

    alias = states.describe_state_machine_alias(stateMachineAliasArn=second["StateMachineAliasArn"])
    assert alias["routingConfiguration"] == [
        {"stateMachineVersionArn": f"{second['StateMachineArn']}:2", "weight": 100}
    ]
    assert uploads_go_to(cloud, "releases")["Arn"] == second["StateMachineAliasArn"]


def uploads_go_to(cloud, stack):
    """The target of the rule for uploads. There is one rule with one target."""
    events = cloud.client("events")
    (rule,) = (it for it in events.list_rules(NamePrefix=stack)["Rules"] if "UploadArrived" in it["Name"])
    assert rule["State"] == "ENABLED"
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    return target


def test_without_a_release_the_state_machine_calls_unversioned_functions(cloud):
    outputs = cloud.deploy("unnamed", {})
    assert all(arn.count(":") == 6 for arn in called_functions(cloud, outputs["StateMachineArn"]))


def test_the_workflow_type_can_be_changed_on_a_live_stack(cloud):
    states = cloud.client("stepfunctions")
    for workflow_type in ("STANDARD", "EXPRESS", "STANDARD"):
        outputs = cloud.deploy("types", {"WorkflowType": workflow_type})
        machine, alias = outputs["StateMachineArn"], outputs["StateMachineAliasArn"]
        assert states.describe_state_machine(stateMachineArn=machine)["type"] == workflow_type
        assert alias.startswith(machine + ":live")
        (route,) = states.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]
        assert route["stateMachineVersionArn"].startswith(machine + ":")
        assert uploads_go_to(cloud, "types")["Arn"] == alias


def test_a_packaged_template_deploys_by_its_url_as_terraform_and_cdk_deploy_it(cloud, tmp_path, template):
    s3, bucket = cloud.client("s3"), "darkroom-artifacts"
    s3.create_bucket(Bucket=bucket)
    packaged = package(cloud, bucket, tmp_path)
    s3.put_object(Bucket=bucket, Key="template.yaml", Body=packaged.encode())
    assert len(packaged) > 51_200, "a shorter template could be part of the request"
    parameters = {name: str(it["Default"]) for name, it in template["Parameters"].items()}
    parameters |= {"Architecture": ARCHITECTURE, "Release": "0123456789abcdef"}

    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName="darkroom-packaged",
        TemplateURL=f"{cloud.instance.endpoint}/{bucket}/template.yaml",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )

    formation.get_waiter("stack_create_complete").wait(StackName="darkroom-packaged")
    [stack] = formation.describe_stacks(StackName="darkroom-packaged")["Stacks"]
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
    always = {name for name, it in template["Outputs"].items() if "Condition" not in it}
    assert always <= outputs.keys()
    cloud.client("lambda").get_function_configuration(FunctionName=outputs["ValidateFunctionName"])


def package(cloud, bucket, folder):
    """Runs the script behind `make package` on the cloud's template, and returns the packaged template."""
    tools = {"SAM_CLI_TELEMETRY": "0", "BUILT_TEMPLATE": str(cloud.template), "PATH": f"{SAM.parent}:{os.environ['PATH']}"}
    environment = os.environ | cloud.instance.client_environment() | tools
    script = ["sh", str(REPOSITORY / "deploy" / "package.sh"), bucket, f"Architecture={ARCHITECTURE}"]
    done = subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / ".aws-sam" / "packaged.yaml").read_text(encoding="utf-8")
