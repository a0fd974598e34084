"""The workflows: what starts them, which code runs with which rights, and what they install."""

import re
import shutil

import pytest
import yaml
from cloudformation import REPOSITORY

WORKFLOWS = REPOSITORY / ".github" / "workflows"
ATTACKS = REPOSITORY / "tests" / "infrastructure" / "attacks"
NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))

# Triggers that anyone can cause, and that run with the repository's rights and secrets.
EVENTS_ANYONE_CAN_CAUSE = {
    "discussion", "discussion_comment", "fork", "issue_comment", "issues", "pull_request_review",
    "pull_request_review_comment", "pull_request_target", "watch", "workflow_run",
}  # fmt: skip
ACTION = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<ref>\S+)(?: # (?P<version>v\d+\.\d+\.\d+))?$")
COMMIT = re.compile(r"[0-9a-f]{40}")
# Commands that compile or install third-party code without a check of each file's hash.
COMPILES = re.compile(r"\b(cargo (install|build|lambda)|npm (install|ci)|pip install(?!.*--require-hashes)|apt-get install)\b")
# Commands of this repository, which may do so.
RUNS_REPOSITORY_CODE = re.compile(r"\b(make|\.ci/run|local/)")


def read(path):
    """Reads a workflow. YAML 1.1 parses the key `on` as true."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    triggers = workflow.pop(True)
    return {"on": {it: None for it in triggers} if isinstance(triggers, list) else triggers, **workflow}


def problems(path):
    """A sentence for each problem of a workflow."""
    workflow = read(path)
    found = [f"strangers can start it by {it}" for it in sorted(EVENTS_ANYONE_CAN_CAUSE & workflow["on"].keys())]
    for line in path.read_text(encoding="utf-8").splitlines():
        if (action := ACTION.search(line.strip())) and not (COMMIT.fullmatch(action["ref"]) and action["version"]):
            found.append(f"{action['action']} is not pinned by a commit with its version beside it")
    if "write" in (workflow.get("permissions") or {}).values() or "permissions" not in workflow:
        found.append("all of its jobs may write")
    for name, job in workflow["jobs"].items():
        found += problems_of_job(name, job, {**(workflow["permissions"] or {}), **job.get("permissions", {})})
    return found


def problems_of_job(name, job, permissions):
    steps = job.get("steps", [])
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            given = step.get("with", {})
            if given.get("persist-credentials") is not False:
                yield f"{name}: the checkout leaves its token behind"
            if re.search(r"head_(sha|ref|branch)|pull_request|refs/pull", str(given.get("ref", ""))):
                yield f"{name}: the checkout follows somebody else's head"
            if given.get("allow-unsafe-pr-checkout"):
                yield f"{name}: the checkout takes a fork's head"
    if "write" in permissions.values():
        for step in steps:
            if COMPILES.search(step.get("run", "")):
                yield f"{name}: may write, and installs or compiles: {step['run'].splitlines()[0]}"
            if step.get("uses", "").startswith("actions/cache@"):
                yield f"{name}: may write, and runs what a cache holds"


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_gives_no_rights_to_third_party_code(name):
    assert problems(WORKFLOWS / name) == []


def test_a_workflow_that_deploys_after_a_pull_request_is_detected():
    assert problems(ATTACKS / "deploy-after-a-pull-request.yml") == [
        "strangers can start it by workflow_run",
        "actions/checkout is not pinned by a commit with its version beside it",
        "aws-actions/configure-aws-credentials is not pinned by a commit with its version beside it",
        "all of its jobs may write",
        "deploy: the checkout leaves its token behind",
        "deploy: the checkout follows somebody else's head",
        "deploy: may write, and installs or compiles: pip install --quiet aws-sam-cli==1.170.0",
    ]


def test_an_installation_in_a_job_that_may_write_is_detected():
    assert problems(ATTACKS / "release-beside-an-install.yml") == [
        "publish: may write, and installs or compiles: cargo install --locked cargo-cyclonedx@0.5.7"
    ]


def test_only_a_push_to_main_or_a_member_starts_a_deployment():
    deploy = read(WORKFLOWS / "deploy.yml")
    assert deploy["on"].keys() == {"push", "workflow_dispatch"}
    assert deploy["on"]["push"] == {"branches": ["main"]}
    # A manual start can name any branch.
    assert "github.ref == 'refs/heads/main'" in deploy["jobs"]["build"]["if"]
    assert deploy["jobs"]["build"]["needs"] == "test"
    assert deploy["jobs"]["deploy"]["needs"] == "build"
    assert "needs.build.result == 'success'" in deploy["jobs"]["deploy"]["if"]


def test_the_job_that_assumes_the_role_has_an_environment_and_compiles_nothing():
    jobs = read(WORKFLOWS / "deploy.yml")["jobs"]
    taking = [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})]
    assert taking == ["deploy"]
    assert jobs["deploy"]["environment"] == "${{ inputs.stage || 'dev' }}"
    ours = [step for step in jobs["deploy"]["steps"] if RUNS_REPOSITORY_CODE.search(step.get("run", ""))]
    assert [step["env"]["DEPLOY_ONLY"] for step in ours if "make" in step["run"]] == ["deploy"]


def signed_subjects(job):
    """The inputs of the steps that sign."""
    return [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/attest@")]


def test_a_release_is_of_main_signed_and_described():
    jobs = read(WORKFLOWS / "release.yml")["jobs"]
    assert any("git merge-base --is-ancestor" in step.get("run", "") for step in jobs["build"]["steps"])
    (provenance,) = signed_subjects(jobs["sign"])
    assert provenance == {"subject-path": "out/*"}
    (parts,) = signed_subjects(jobs["sign-parts"])
    assert parts == {"subject-path": "out/${{ matrix.file }}", "sbom-path": "out/${{ matrix.file }}.cdx.json"}
    functions = [path.name for path in (REPOSITORY / "functions").iterdir()]
    names = [*(f"darkroom-{it}-{{}}.zip" for it in functions), "darkroom-linux-{}.tar.gz"]
    described = jobs["sign-parts"]["strategy"]["matrix"]["file"]
    assert sorted(described) == sorted(it.format(processor) for it in names for processor in ("arm64", "x86_64"))
    assert sorted(jobs["publish"]["needs"]) == ["sign", "sign-parts"]
    assert jobs["publish"]["permissions"] == {"contents": "write"}
    assert not any("checkout" in step.get("uses", "") for name in ("sign", "sign-parts", "publish") for step in jobs[name]["steps"])


def installs():
    """The lines of scripts and workflows that install something."""
    command = re.compile(r"\b(pip3?|npm|cargo)\"?,? +\"?(install|ci)\b")
    places = [*WORKFLOWS.glob("*.yml"), *REPOSITORY.glob("local/*.sh"), *REPOSITORY.glob("fuzz/*.sh"),
              *REPOSITORY.glob("bench/*.sh"), *REPOSITORY.glob("deploy/*.sh"), REPOSITORY / ".ci" / "run"]  # fmt: skip
    for path in places:
        for line in path.read_text(encoding="utf-8").splitlines():
            if command.search(line) and not line.lstrip().startswith("#"):
                yield f"{path.relative_to(REPOSITORY)}: {line.strip()}"


def test_every_installation_is_pinned():
    allowed = {
        "pip": re.compile(r"--require-hashes --requirement \S+\.txt$"),
        "npm": re.compile(r"npm ci |--package-lock-only"),
        "cargo": re.compile(r"--locked.* [\w-]+@\d+\.\d+\.\d+$"),
    }
    found = list(installs())
    assert len(found) > 4
    for line in found:
        tool = next(it for it in allowed if re.search(rf"\b{it}\b", line.partition(": ")[2]))
        assert allowed[tool].search(line), line


@pytest.mark.parametrize("wanted", sorted(REPOSITORY.glob("local/requirements-*.in")), ids=lambda it: it.stem)
def test_every_requirement_is_pinned_with_hashes(wanted):
    pinned = wanted.with_suffix(".txt").read_text(encoding="utf-8")
    packages = [it for it in pinned.split("\n") if it and not it.startswith((" ", "#"))]
    assert packages and all(re.match(r"[\w.-]+(\[[^]]+\])?==[\w.]+ .*\\$", it) for it in packages)
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) >= len(packages)
    names = {re.split(r"[\[=]", it)[0] for it in packages}
    for line in wanted.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            # `make pins` updates the .txt files.
            assert any(it.startswith(f"{name.lower()}=={version} ") for it in packages), f"{line} of {wanted.name}: {names}"


def test_scripts_do_not_pipe_a_download_into_a_command():
    for path in [*REPOSITORY.glob("local/*.sh"), *REPOSITORY.glob("deploy/*.sh"), *WORKFLOWS.glob("*.yml")]:
        assert not re.search(r"(curl|wget)[^\n]*\|", path.read_text(encoding="utf-8")), path


def test_make_lint_runs_the_linters_of_workflows_and_dependencies():
    rules = (REPOSITORY / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    for script in ("zizmor", "actionlint", "deny", "advisories"):
        assert f"local/{script}.sh" in rules
        assert shutil.which(str(REPOSITORY / "local" / f"{script}.sh"))
