"""The definition of the image pipeline: its shape, its patience, and its ties to the template."""

import re

from cloudformation import texts

BROKEN = {
    "DependencyUnavailable",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
}
BUSY = {"Lambda.TooManyRequestsException"}
SELECTS_A_FIELD = re.compile(r"\$states\.(input|result|context)(\.\w+)*")
COMPARES_THE_VERDICT = re.compile(r"\$states\.input\.verdict = '\w+'")


def graphs(definition):
    """The definition, and each Map's own little machine."""
    yield definition
    for state in definition["States"].values():
        if state["Type"] == "Map":
            yield from graphs(state["ItemProcessor"])


def states(definition):
    return {name: state for graph in graphs(definition) for name, state in graph["States"].items()}


def tasks(definition):
    return {name: state for name, state in states(definition).items() if state["Type"] == "Task"}


def longest_delays(retrier):
    return [
        min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempt, retrier["MaxDelaySeconds"])
        for attempt in range(retrier["MaxAttempts"])
    ]


def successors(state):
    return [choice["Next"] for choice in state.get("Choices", [])] + [
        state[field] for field in ("Next", "Default") if field in state
    ]


def test_the_states_are_the_ones_that_operators_know(definition):
    assert {name: state["Type"] for name, state in states(definition).items()} == {
        "Validate Upload": "Task",
        "Accept or Reject?": "Choice",
        "Resize Renditions": "Map",
        "Resize Rendition": "Task",
        "Notify Completion": "Task",
        "Notify Rejection": "Task",
        "Skip Superseded Upload": "Succeed",
    }


def test_every_state_is_reachable_and_every_next_exists(definition):
    for graph in graphs(definition):
        reached, ahead = set(), [graph["StartAt"]]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += successors(graph["States"][name])
        assert reached == set(graph["States"])


def test_an_accepted_picture_costs_four_transitions_and_one_per_rendition(definition):
    way, name = [], definition["StartAt"]
    while name:
        way.append(name)
        following = successors(definition["States"][name])
        name = following[0] if following else None
    assert way == ["Validate Upload", "Accept or Reject?", "Resize Renditions", "Notify Completion"]
    assert list(definition["States"]["Resize Renditions"]["ItemProcessor"]["States"]) == ["Resize Rendition"]


def test_each_verdict_has_its_way_and_an_unknown_one_goes_red(definition):
    choice = definition["States"]["Accept or Reject?"]
    assert {rule["Condition"]: rule["Next"] for rule in choice["Choices"]} == {
        "{% $states.input.verdict = 'accepted' %}": "Resize Renditions",
        "{% $states.input.verdict = 'rejected' %}": "Notify Rejection",
        "{% $states.input.verdict = 'superseded' %}": "Skip Superseded Upload",
    }
    assert "Default" not in choice


def test_expressions_only_select_fields(definition):
    expressions = [text[2:-2].strip() for text in texts(definition) if text.startswith("{%")]
    assert len(expressions) >= 15
    for expression in expressions:
        assert SELECTS_A_FIELD.fullmatch(expression) or COMPARES_THE_VERDICT.fullmatch(expression), expression


def test_every_task_retries_the_same_errors_with_the_same_patience(definition):
    retries = [task["Retry"] for task in tasks(definition).values()]
    assert all(retry == retries[0] for retry in retries)
    assert [set(retrier["ErrorEquals"]) for retrier in retries[0]] == [BROKEN, BUSY]
    for retrier in retries[0]:
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["BackoffRate"] > 1 and retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]


def test_nothing_catches_an_error(definition):
    assert "Catch" not in set(texts(definition))


def test_every_task_outwaits_its_function_so_that_the_functions_own_error_is_recorded(definition, functions):
    for name, task in tasks(definition).items():
        function = task["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        assert 0 < task["TimeoutSeconds"] - functions[function]["Timeout"] <= 15, name


def test_the_longest_patience_with_what_broke_fits_into_the_five_minutes_of_an_express_workflow(definition):
    validate = definition["States"]["Validate Upload"]
    broken, _ = validate["Retry"]
    assert sum(longest_delays(broken)) + validate["TimeoutSeconds"] < 300


def test_a_burst_may_wait_half_an_hour_for_free_functions(definition):
    # With full jitter, the mean of a delay is the half of the longest.
    _, busy = definition["States"]["Validate Upload"]["Retry"]
    assert 25 * 60 <= sum(longest_delays(busy)) / 2 <= 30 * 60


def test_no_state_does_what_only_standard_workflows_can(definition):
    for name, task in tasks(definition).items():
        assert task["Resource"] == "arn:aws:states:::lambda:invoke", name
    assert definition["States"]["Resize Renditions"]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}


def test_every_substitution_is_made_and_every_one_made_is_used(definition, image_pipeline):
    used = {name for text in texts(definition) for name in re.findall(r"\$\{(\w+)\}", text)}
    assert used == set(image_pipeline["DefinitionSubstitutions"])


def test_every_substitution_is_the_function_that_it_names(image_pipeline):
    for name, value in image_pipeline["DefinitionSubstitutions"].items():
        function = name.removesuffix("Arn")
        assert value == {"Fn::If": ["HasRelease", "${" + function + "Release}", "${" + function + ".Arn}"]}


def test_each_function_is_told_what_its_contract_says(definition):
    payloads = {name: task["Arguments"]["Payload"] for name, task in tasks(definition).items()}
    assert payloads == {
        "Validate Upload": {
            "detail": "{% $states.input.detail %}",
            "execution": "{% $states.context.Execution.Id %}",
            "received_at": "{% $states.input.time %}",
        },
        "Resize Rendition": "{% $states.input %}",
        "Notify Completion": {
            "outcome": "completed",
            "picture": "{% $states.input.picture %}",
            "results": "{% $states.input.results %}",
        },
        "Notify Rejection": {
            "outcome": "rejected",
            "picture": "{% $states.input.picture %}",
            "rejection": "{% $states.input.rejection %}",
        },
    }
