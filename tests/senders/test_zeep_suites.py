"""A zeep client with the header plugin signs with private keys, too. ACC-5.5, PLT-10.3b."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.links import WITH_KEYS, link, suites_for
from tests.senders.test_zeep_header import (
    DISPATCH,
    NOW,
    PLATFORM,
    Caller,
    IntoTheCorridor,
    altered,
    gateway,
)
from vgigw.crypto.suite import SUITES
from vgigw.doors.soap.door import SoapDoor
from vgigw.errors import Misconfigured, PeerAnswerInvalid
from vgigw.senders.zeep_header import MessageHeaderPlugin

SHOWN = b"1234567890abcdef"


class KeyedCaller(Caller):
    """The caller of the other tests, on a link with private keys."""

    def __init__(self, suite: str, own: str = DISPATCH, to: str = PLATFORM) -> None:
        corridor, suites = gateway(), suites_for(suite)
        known: Any = corridor.identity.peers
        keys = link(suite, PLATFORM, DISPATCH, SHOWN)
        known[DISPATCH] = replace(known[DISPATCH], suite=suite, inbound=keys)
        self.transport = IntoTheCorridor(corridor)
        self.transport._door = SoapDoor(PLATFORM, suites)
        self.token = None
        plugin = MessageHeaderPlugin(
            DISPATCH,
            link(suite, own, PLATFORM, SHOWN),
            suites[suite],
            self.present,
            peer_id=to,
            clock=lambda: NOW,
        )
        self.common = self._service("common", "11", plugin)
        self.dispatch = self._service("dispatch", "11", plugin)


@pytest.mark.parametrize("suite", WITH_KEYS)
def test_plt_10_3b_a_client_with_private_keys_is_genuine_and_believes_its_peer(suite: str) -> None:
    caller = KeyedCaller(suite)

    answer = caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 2})

    assert answer.body.TelemetryPage.ItemSize == 0
    assert answer.header.MessageHeader.Suite == suite
    caller.transport.alter = altered
    with pytest.raises(PeerAnswerInvalid):
        caller.dispatch.QueryTelemetry(TelemetryQuery={})


@pytest.mark.parametrize("suite", WITH_KEYS)
@pytest.mark.parametrize("wrong", [{"own": "700000007"}, {"to": "700000007"}], ids=str)
def test_another_key_or_another_receiver_is_refused(suite: str, wrong: dict[str, str]) -> None:
    caller = KeyedCaller(suite, **wrong)

    with pytest.raises(PeerAnswerInvalid):
        caller.present()

    assert caller.transport.status == 500


def test_keys_of_a_link_need_the_peer_that_they_sign_for() -> None:
    keys = link("intl", DISPATCH, PLATFORM, SHOWN)

    with pytest.raises(Misconfigured, match="operator id"):
        MessageHeaderPlugin(DISPATCH, keys, SUITES["tcec102"], lambda: None)
