"""Dashboard, alarms and saved queries: one parameter switches them off, and every alarm says what to do.

tests/deployed/test_metrics.py checks that a real run emits each metric, dimension and field that they use.
"""

import re

import pytest
from cloudformation import REPOSITORY, resources_of_type

OBSERVING = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::Topic",
)
ALARMS_FREE_OF_CHARGE = 10
SECTION = re.compile(r"What to do - docs/operations\.md, (.+)\.$")


@pytest.fixture(scope="module")
def alarms(template):
    return resources_of_type(template, "AWS::CloudWatch::Alarm")


def test_one_parameter_switches_off_everything_but_the_alarm_on_dead_letters(template, functions):
    observing = {name: it.get("Condition") for name, it in template["Resources"].items() if it["Type"] in OBSERVING}
    assert len(observing) > 10
    assert {name for name, condition in observing.items() if condition is None} == {"DeadLettersAlarm", "AlarmTopic"}
    assert {condition for condition in observing.values() if condition} == {"IsObserved"}
    assert "Condition" not in template["Outputs"]["AlarmTopicArn"]
    for function in functions.values():
        switch = function["Environment"]["Variables"]["METRICS_STACK"]
        assert switch == {"Fn::If": ["IsObserved", "${AWS::StackName}", "${AWS::NoValue}"]}


def test_one_alarm_at_most_costs_money_in_an_account_without_others(alarms):
    # docs/cost.md and the parameter Observe say so.
    assert len(alarms) <= ALARMS_FREE_OF_CHARGE + 1


def test_every_alarm_names_the_section_that_says_what_to_do(alarms):
    sections = re.findall(r"^## (.+)$", (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8"), re.M)
    for name, alarm in alarms.items():
        (section,) = SECTION.findall(alarm["AlarmDescription"])
        assert section in sections, name


def test_every_alarm_publishes_its_start_and_its_end_and_is_quiet_without_data(alarms):
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["${AlarmTopic}"], name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert alarm["AlarmName"].startswith("${AWS::StackName}-"), name


def test_alarms_on_failures_roll_back_a_release_that_is_being_rolled_out(template, alarms):
    preference = template["Resources"]["ImagePipelineLive"]["Properties"]["DeploymentPreference"]
    condition, names, otherwise = preference["Alarms"]["Fn::If"]
    assert (condition, otherwise) == ("IsObserved", "${AWS::NoValue}")
    watched = {name[2:-1] for name in names}
    assert watched <= set(alarms)
    assert "ExecutionsFailedAlarm" in watched and {f"{it}ErrorsAlarm" for it in ("Validate", "Resize", "Notify")} < watched


def test_the_time_out_alarm_starts_at_nine_tenths_of_the_time_out(alarms, functions):
    assert alarms["ResizeNearTimeoutAlarm"]["Threshold"] == 0.9 * 1000 * functions["ResizeFunction"]["Timeout"]
