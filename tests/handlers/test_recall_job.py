"""What a recall job says of itself: what was asked for, as it was asked. PLT-7.9d."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.handlers.test_recall import filled, job, recall
from tests.trio import DISPATCH, NOW, STREAM
from vgigw.objects.operating_enumerations import JobState, RecallCause

ASKED: list[dict[str, Any]] = [
    {"stream_id": STREAM, "seq_from": 2, "seq_to": 8, "rate_limit": 5},
    {
        "time_from": NOW - timedelta(hours=1),
        "time_to": NOW + timedelta(minutes=1),
        "object_ids": ("C1", "C2"),
    },
]


@pytest.mark.parametrize("asked", ASKED)
def test_plt_7_9d_a_job_repeats_what_was_asked_for(asked: dict[str, Any]) -> None:
    trio = filled()
    receipt = recall(trio, "R7", cause=RecallCause.GAP, **asked)
    found = job(trio, receipt)
    assert (found.job_id, found.recall_id) == (receipt.job_id, "R7")
    assert (found.requester_id, found.cause) == (DISPATCH, RecallCause.GAP)
    nothing = {"object_ids": (), "point_types": ()}
    names = {"point_types", *(name for each in ASKED for name in each)}
    assert {name: getattr(found, name) for name in names} == {
        name: asked.get(name, nothing.get(name)) for name in names
    }
    assert found.state is JobState.QUEUED
