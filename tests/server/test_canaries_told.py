"""What a sender calls a message by comes out in no log, and holds up nothing. F86, PLT-7.9a."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.doors.sealing import Sender, by_soap
from tests.server.canaries import watched
from tests.server.served import DOORS
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, Trio, curve, ret_of, secrets_of, station
from vgigw.codec import xsd
from vgigw.envelope.wire import WireRequest, trace_id_of
from vgigw.objects import StationQuery
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE, QUERY_STATIONS_INFO

VIN, PHONE, PLATE, NAME = "LGWEF4A59NS123456", "13812345678", "B-D12345", "zhang.san"
BY_CHANCE = "0123456789abcdef0123456789abcdef"
NUMBERS = (VIN, PHONE, PLATE, NAME)


def forged(wire: WireRequest) -> dict[str, Any]:
    """What is another signature on ``wire``, on whichever door."""
    if "signature" in wire.headers:
        name = wire.headers["signature"].partition("=")[0]
        return {"headers": {**wire.headers, "signature": f"{name}=:AAAA:"}}
    return {"body": re.sub(rb'(Sig(?:":"|>))[^"<]+', rb"\g<1>AAAA", wire.body)}


@pytest.mark.parametrize("door", DOORS)
def test_f86_a_trace_id_that_may_be_a_persons_number_is_followed_and_not_told(
    tmp_path: Path, door: str
) -> None:
    with pytest.MonkeyPatch.context() as patch, watched(tmp_path, "json", patch) as (served, log):
        token = served.trio.token(OPERATOR)
        good = served.trio.sealed(QUERY_STATIONS_INFO, StationQuery(), token, door=door)
        refused = served.trio.sealed(QUERY_STATIONS_INFO, StationQuery(), "T", door=door)
        for number in (*NUMBERS, BY_CHANCE):
            for wire in (good, refused):
                served.post(wire, traceid=number)
        # Nobody stands behind this one, so that not even a number by chance is told.
        served.post(replace(good, **forged(good)), traceid=BY_CHANCE)
        text = log.getvalue().decode()
    assert '"ret":4001' in text
    assert [number for number in NUMBERS if number in text] == []
    assert text.count('"trace_id":"?"') >= 2 * len(NUMBERS)
    assert text.count(f'"trace_id":"{BY_CHANCE}"') == 2


@pytest.mark.parametrize("trace_id", ["\u4e2d\u6587", "\u4eacA12345", "a b", "a:b"])
def test_plt_7_9a_a_trace_id_that_no_header_carries_holds_up_no_command(trace_id: str) -> None:
    """On SOAP it is a member of the header; with the letters that come of it, it is a field of
    HTTP, which has no such characters: the command would never have gone out."""
    trio = Trio("soap")
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    sender = Sender(DISPATCH, trio.token(DISPATCH), NOW, secrets_of(DISPATCH))
    payload = xsd.wrap(ISSUE_CONTROL.name, curve())
    assert ret_of(trio.give(by_soap(sender, ISSUE_CONTROL, payload, trace_id=trace_id))) == 0
    (letter,) = [each for each in trio.letters(PLATFORM) if each.operation == ISSUE_CONTROL.name]
    assert trace_id_of(letter.trace_id) == letter.trace_id
