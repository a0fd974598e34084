"""The functions: what they are built from, what they are configured with, and what their roles allow.

`make aws-check` (`permissions`) checks that no right is missing, and tests/deployed/test_permissions.py that none is
unused.
"""

import subprocess
import tomllib

from cloudformation import REPOSITORY, listed, statements

BINARIES = {"ValidateFunction": "validate", "ResizeFunction": "resize", "NotifyFunction": "notify", "ImagesFunction": "images"}


def test_every_function_is_built_from_a_binary_that_exists(template, functions):
    # `sam validate` accepts any folder and any binary.
    assert functions.keys() == BINARIES.keys()
    for name, binary in BINARIES.items():
        metadata = template["Resources"][name]["Metadata"]
        assert metadata == {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": binary}}
        assert (REPOSITORY / functions[name]["CodeUri"] / "Cargo.toml").is_file(), name
        manifest = tomllib.loads((REPOSITORY / "functions" / binary / "Cargo.toml").read_text(encoding="utf-8"))
        assert manifest["package"]["name"] == binary
        assert (REPOSITORY / "functions" / binary / "src" / "main.rs").is_file(), name


def test_the_definition_of_the_state_machine_exists_where_the_template_says(image_pipeline):
    # `sam validate` accepts any path.
    assert (REPOSITORY / image_pipeline["DefinitionUri"]).is_file()


def test_the_images_function_ends_before_api_gateway_stops_waiting(functions):
    # API Gateway waits for 29 s.
    assert functions["ImagesFunction"]["Timeout"] <= 29


def test_the_code_reads_every_variable_that_a_function_has(functions):
    sources = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "crates/pipeline/src").rglob("*.rs"))
    for name, function in functions.items():
        unread = {it for it in function["Environment"]["Variables"] if f'"{it}"' not in sources}
        assert unread == set(), name


def test_a_release_publishes_a_version_of_each_function_that_the_state_machine_calls(template, functions):
    for name in functions.keys() - {"ImagesFunction"}:
        release = template["Resources"][name + "Release"]
        assert release["Condition"] == "HasRelease"
        assert release["Properties"] == {"FunctionName": "${" + name + "}", "Description": "${Release}"}
        # Lambda publishes no second version of a function that has not changed.
        assert "${Release}" in functions[name]["Description"]


def test_resize_reads_sources_that_it_can_name_and_writes_renditions(functions):
    # It decodes untrusted files, so it may neither list nor delete.
    assert {it["Sid"]: (listed(it["Action"]), it["Resource"]) for it in statements(functions["ResizeFunction"])} == {
        "ReadSources": (["s3:GetObject", "s3:GetObjectVersion"], "${SourceBucket.Arn}/*"),
        "WriteRenditions": (["s3:PutObject", "s3:AbortMultipartUpload"], "${DestinationBucket.Arn}/*"),
        "WriteItsLog": (["logs:CreateLogStream", "logs:PutLogEvents"], "${ResizeLogGroup.Arn}"),
        "WriteTraces": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    }


def test_every_function_has_a_role_of_its_own_that_only_lambda_assumes(template, functions):
    for name, function in functions.items():
        assert function["Role"] == "${" + name + "Role.Arn}"
        role = template["Resources"][name + "Role"]["Properties"]
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]


def test_no_function_may_use_a_wildcard_for_an_action_or_a_whole_resource(functions):
    for name, function in functions.items():
        for statement in statements(function):
            assert not any("*" in action for action in listed(statement["Action"])), name
            for resource in listed(statement["Resource"]):
                # IAM knows no narrower resource for traces.
                assert "*" not in resource.removesuffix("/*") or statement["Sid"] == "WriteTraces", name


def test_every_function_that_a_rule_calls_keeps_what_it_failed_to_process(functions):
    for function in functions.values():
        if function.get("Events"):
            destination = function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
            assert destination == {"Type": "SQS", "Destination": "${DeadLetterQueue.Arn}"}


def test_deployed_functions_have_no_feature_that_only_tests_need():
    # As `sam build` builds: in the folder of the workspace, where cargo unites the features of all default members.
    command = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p} [{f}]"]
    tree = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    features = {line.split()[0]: line[line.index("[") + 1 : line.index("]")] for line in tree.splitlines() if line}

    assert set(BINARIES.values()) <= features.keys()
    assert [features[crate] for crate in ("pipeline", "imaging", "resample")] == ["heic", "heic", ""]
    assert not features.keys() & {"proptest", "image", "end-to-end"}
