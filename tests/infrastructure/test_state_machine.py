"""The definition of the image pipeline: its retries, its time-outs, and its substitutions in the template.

asl-validator checks its syntax, and `make aws-check` (`expressions`) its messages to the functions.
"""

import re

from cloudformation import texts

FAILED_CALLS = {
    "DependencyUnavailable",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
}
THROTTLED_CALLS = {"Lambda.TooManyRequestsException"}


def graphs(definition):
    """The definition, and the inner state machine of each Map."""
    yield definition
    for state in definition["States"].values():
        if state["Type"] == "Map":
            yield from graphs(state["ItemProcessor"])


def tasks(definition):
    states = {name: state for graph in graphs(definition) for name, state in graph["States"].items()}
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


def longest_delays(retrier):
    return [
        min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempt, retrier["MaxDelaySeconds"])
        for attempt in range(retrier["MaxAttempts"])
    ]


def successors(state):
    return [choice["Next"] for choice in state.get("Choices", [])] + [
        state[field] for field in ("Next", "Default") if field in state
    ]


def test_every_state_is_reachable_and_every_next_exists(definition):
    for graph in graphs(definition):
        reached, ahead = set(), [graph["StartAt"]]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += successors(graph["States"][name])
        assert reached == set(graph["States"])


def test_an_unknown_verdict_fails_the_execution(definition):
    assert "Default" not in definition["States"]["Accept or Reject?"]


def test_every_task_retries_the_same_errors_with_the_same_delays(definition):
    retries = [task["Retry"] for task in tasks(definition).values()]
    assert all(retry == retries[0] for retry in retries)
    assert [set(retrier["ErrorEquals"]) for retrier in retries[0]] == [FAILED_CALLS, THROTTLED_CALLS]
    for retrier in retries[0]:
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["BackoffRate"] > 1 and retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]


def test_no_state_catches_an_error_so_that_a_redrive_can_continue_there(definition):
    assert "Catch" not in set(texts(definition))


def test_every_task_waits_longer_than_its_function_so_that_the_functions_own_error_is_recorded(definition, functions):
    for name, task in tasks(definition).items():
        function = task["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        assert 0 < task["TimeoutSeconds"] - functions[function]["Timeout"] <= 15, name


def test_all_retries_of_failed_calls_fit_into_the_five_minutes_of_an_express_workflow(definition):
    validate = definition["States"]["Validate Upload"]
    failed, _ = validate["Retry"]
    assert sum(longest_delays(failed)) + validate["TimeoutSeconds"] < 300


def test_a_burst_may_wait_half_an_hour_for_free_functions(definition):
    # With full jitter, the mean delay is half of the longest.
    _, throttled = definition["States"]["Validate Upload"]["Retry"]
    assert 25 * 60 <= sum(longest_delays(throttled)) / 2 <= 30 * 60


def test_every_substitution_is_used_and_is_the_function_that_it_names(definition, image_pipeline):
    substitutions = image_pipeline["DefinitionSubstitutions"]
    assert {name for text in texts(definition) for name in re.findall(r"\$\{(\w+)\}", text)} == set(substitutions)
    for name, value in substitutions.items():
        function = name.removesuffix("Arn")
        assert value == {"Fn::If": ["HasRelease", "${" + function + "Release}", "${" + function + ".Arn}"]}
