"""The metrics and fields of the dashboard, the alarms and the saved queries were emitted by the earlier tests.

The functions' metrics are in the log groups of the local cloud. Metrics of AWS do not exist there: they are compared
with AWS's documentation, and their resources must exist.
"""

import json
import re
from pathlib import Path

import pytest

# Metric → its dimension, from the documentation of each service.
AWS_DIMENSIONS = {
    "AWS/ApiGateway": {
        "Count": "ApiName",
        "4XXError": "ApiName",
        "5XXError": "ApiName",
        "Latency": "ApiName",
    },
    "AWS/CloudFront": {
        "Requests": "DistributionId",
        "BytesDownloaded": "DistributionId",
        "4xxErrorRate": "DistributionId",
        "5xxErrorRate": "DistributionId",
    },
    "AWS/Events": {"InvocationsFailedToBeSentToDlq": "RuleName"},
    "AWS/Lambda": {
        "ConcurrentExecutions": "FunctionName",
        "Duration": "FunctionName",
        "Errors": "FunctionName",
        "Invocations": "FunctionName",
        "Throttles": "FunctionName",
    },
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": "QueueName"},
    "AWS/States": {
        "ExecutionsFailed": "StateMachineArn",
        "ExecutionsStarted": "StateMachineArn",
        "ExecutionsSucceeded": "StateMachineArn",
        "ExecutionThrottled": "StateMachineArn",
    },
}
# The fields of Step Functions' log, which the local cloud does not write:
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
EXECUTION_LOG_FIELDS = {"type", "execution_arn"} | {f"details.{it}" for it in ("name", "input", "output", "error", "cause")}
SEARCH = re.compile(r"""SEARCH\('\{Darkroom,(?P<dimensions>[\w,]+)\} MetricName="(?P<metric>\w+)" Stack="(?P<stack>[^"]+)"'""")


@pytest.fixture(scope="module")
def lines(client, stack):
    """Every JSON line in the logs of the functions.

    The local cloud splits a line at U+0085, U+2028 and U+2029, which a key may contain and JSON leaves as they are. The
    parts are left out.
    """
    logs = client("logs")
    found = []
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stack}-")["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            found += [event["message"] for event in page["events"]]
    return [json.loads(line) for line in found if line.startswith("{") and line.endswith("}")]


@pytest.fixture(scope="module")
def emitted(lines):
    """The name and dimensions of every metric that CloudWatch would extract from these lines."""
    found = set()
    for line in lines:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert directive["Namespace"] == "Darkroom"
            for metric in directive["Metrics"]:
                assert isinstance(line[metric["Name"]], float | int)
                for names in directive["Dimensions"]:
                    found.add((metric["Name"], frozenset((name, line[name]) for name in names)))
    return found


@pytest.fixture(scope="module")
def existing(client, stack):
    """The physical ids and names of the stack's resources."""
    summaries = client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    ids = {summary["PhysicalResourceId"] for summary in summaries}
    # The id of a queue is its URL, but its metrics have its name.
    apis = {it["name"] for it in client("apigateway").get_rest_apis()["items"] if it["id"] in ids}
    return ids | apis | {it.rsplit("/", 1)[-1] for it in ids}


def is_emitted(namespace, metric, dimensions, emitted, existing):
    if namespace == "Darkroom":
        return (metric, frozenset(dimensions.items())) in emitted
    dimensions = {name: value for name, value in dimensions.items() if (name, value) != ("Region", "Global")}
    if "Stage" in dimensions and dimensions.pop("Stage") not in existing:
        return False
    (name, value), = dimensions.items()
    return AWS_DIMENSIONS[namespace][metric] == name and value in existing


def test_every_alarm_watches_an_emitted_metric(client, stack, emitted, existing):
    alarms = client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack}-")["MetricAlarms"]
    assert alarms
    for alarm in alarms:
        dimensions = {it["Name"]: it["Value"] for it in alarm["Dimensions"]}
        assert is_emitted(alarm["Namespace"], alarm["MetricName"], dimensions, emitted, existing), alarm["AlarmName"]


def test_every_line_of_the_dashboard_shows_an_emitted_metric(client, stack, emitted, existing):
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName=stack)["DashboardBody"])
    missing = []
    for widget in body["widgets"]:
        properties = widget["properties"]
        known = {options["id"] for *_, options in properties["metrics"] if isinstance(options, dict) and "id" in options}
        for metric in properties["metrics"]:
            if isinstance(metric[0], dict):
                expression = metric[0]["expression"]
                if searched := SEARCH.match(expression):
                    names = set(searched["dimensions"].split(","))
                    found = any(
                        name == searched["metric"]
                        and {key for key, _ in dimensions} == names
                        and ("Stack", searched["stack"]) in dimensions
                        for name, dimensions in emitted
                    )
                else:
                    found = set(re.findall(r"[a-z]\w*", expression)) <= known
            else:
                namespace, name, *rest = [it for it in metric if isinstance(it, str)]
                found = is_emitted(namespace, name, dict(zip(rest[::2], rest[1::2], strict=True)), emitted, existing)
            if not found:
                missing.append((properties["title"], metric))
    assert not missing


def test_every_saved_query_reads_fields_that_are_written(lines):
    template = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
    queries = re.findall(r"QueryString: \|\n((?: {8}.*\n)+)", template)
    assert len(queries) == template.count("AWS::Logs::QueryDefinition")
    written = {path for line in lines for path in paths(line)} | EXECUTION_LOG_FIELDS
    for query in queries:
        asked = set(re.findall(r"[\w@.]+", re.sub(r'"[^"]*"', "", query)))
        words = {"fields", "filter", "sort", "limit", "asc", "desc", "ispresent"}
        fields = {it for it in asked - words if not it.isdigit() and it not in ("@timestamp",)}
        assert fields and fields <= written, (query, fields - written)


def paths(line, prefix=""):
    for name, value in line.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{name}.")
