"""*To change the intake* in docs/operations.md, on a live stack while pictures are uploaded."""

from __future__ import annotations

import threading

from uploads import eventually, status, upload


def test_no_upload_is_lost_while_the_intake_is_changed_and_changed_back(deploy, client):
    outputs = deploy("darkroom-switched", Intake="direct")
    keys: list[str] = []
    done = threading.Event()

    def keep_uploading() -> None:
        # Until both deployments are complete, and once after that.
        while not done.is_set():
            keys.append(upload(client, outputs))
            done.wait(0.2)
        keys.append(upload(client, outputs))

    uploading = threading.Thread(target=keep_uploading)
    uploading.start()
    try:
        for intake in ("queue", "direct"):
            before = len(keys)
            deploy("darkroom-switched", Intake=intake)
            assert len(keys) > before
    finally:
        done.set()
        uploading.join()

    pending = set(keys)

    def all_completed() -> bool:
        pending.difference_update([key for key in pending if status(client, outputs, key) == "completed"])
        return not pending

    eventually(all_completed, f"{len(keys)} uploads are completed")
