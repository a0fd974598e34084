"""*Lost events* in docs/operations.md, by the command of the page: a rule without a target loses the event of an
upload."""

from __future__ import annotations

import commands
from uploads import eventually, status, upload


def test_an_upload_whose_event_was_lost_is_completed_after_it_is_copied_onto_itself(deploy, client):
    outputs = deploy("darkroom-lost")
    events = client("events")
    (rule,) = events.list_rule_names_by_target(TargetArn=outputs["StateMachineAliasArn"])["RuleNames"]
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]

    events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
    key = upload(client, outputs)
    events.put_targets(Rule=rule, Targets=targets)
    assert status(client, outputs, key) is None

    (copying,) = commands.of_section("Lost events")
    commands.run(copying, {"SOURCE_BUCKET_NAME": outputs["SourceBucketName"], "KEY": key}, client)
    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")
