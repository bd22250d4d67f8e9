"""A third party's suite is one object passed in, or named in the configuration. CARD-5."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.links import link
from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, PLATFORM, secrets_of, station
from vgigw import Gateway, Identity, Peer
from vgigw.cli.checks import look_over
from vgigw.cli.findings import State
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.doors.cec102.door import Cec102Door
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import Misconfigured, NotGenuine, PeerAnswerInvalid
from vgigw.objects import ArchiveReceipt, Success
from vgigw.operations import PUSH_ARCHIVE, Role
from vgigw.testing.suite_contract import check_suite

_CONFIG = """
[gateway]
operator_id = "100000001"
[[peers]]
operator_id = "123456789"
role = "operator"
suite = "{suite}"
[peers.inbound]
operator_secret = "1234567890abcdef"
data_secret = "1234567890abcdef"
data_secret_iv = "1234567890abcdef"
sig_secret = "1234567890abcdef"
"""


class OwnSuite:
    """The cipher of tcec102 under a MAC of its own."""

    name = "own"

    def sign(self, secrets: Secrets, message: bytes) -> str:
        return hmac.digest(secrets.sig_secret, message, hashlib.sha512).hex().upper()

    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        if not hmac.compare_digest(
            self.sign(secrets, message).encode(), signature.encode("utf-8", "replace")
        ):
            raise NotGenuine()

    def encrypt(self, secrets: Secrets, plaintext: bytes) -> bytes:
        return SUITES["tcec102"].encrypt(secrets, plaintext)

    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        return SUITES["tcec102"].decrypt(secrets, ciphertext)


OWN = OwnSuite()


class Line:
    """Carries bytes from one gateway straight into the other."""

    def __init__(self, other: Gateway) -> None:
        self._other = other
        self._door = Cec102Door(PLATFORM, other.suites)

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        whole = replace(request, path=f"/evcs/v1{request.path}", transport=Transport.LOOPBACK)
        return self._other.receive(self._door, whole, NOW)


def _peer(party: str, role: Role, suite: str) -> Peer:
    return Peer(
        operator_id=party,
        role=role,
        doors=frozenset({"cec102"}),
        suite=suite,
        inbound=secrets_of(OPERATOR),
        outbound=secrets_of(OPERATOR),
        paths=("line:",),
    )


def _pair(suite_of_operator: str, known_by: str = "own") -> Gateway:
    """An operator whose line leads to a platform that knows it by the suite ``known_by``."""
    operator = _peer(OPERATOR, Role.OPERATOR, known_by)
    known = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers={OPERATOR: operator})
    platform = Gateway(known, fresh_store(), suites=[OWN])
    peers = {PLATFORM: _peer(PLATFORM, Role.PLATFORM, suite_of_operator)}
    identity = Identity(operator_id=OPERATOR, role=Role.OPERATOR, peers=peers)
    return Gateway(identity, fresh_store(), suites=[OWN], sender=Line(platform))


def test_the_suite_of_a_third_party_passes_the_public_contract() -> None:
    check_suite(OWN, secrets_of(OPERATOR))


def test_card_5_a_suite_that_is_passed_in_seals_both_ways() -> None:
    receipt = _pair("own").call(PLATFORM, PUSH_ARCHIVE, station(), NOW)

    assert receipt == ArchiveReceipt(status=Success.OK, version=1)


@pytest.mark.parametrize("suite", list(SUITES))
def test_plt_10_3b_each_suite_at_hand_seals_both_ways(suite: str) -> None:
    receipt = _pair(suite, suite).call(PLATFORM, PUSH_ARCHIVE, station(), NOW)

    assert receipt == ArchiveReceipt(status=Success.OK, version=1)


def test_card_5_the_suite_is_the_profiles_and_no_other_is_taken() -> None:
    with pytest.raises(PeerAnswerInvalid):
        _pair("tcec102").call(PLATFORM, PUSH_ARCHIVE, station(), NOW)


def test_a_peer_whose_keys_are_not_those_of_its_suite_is_refused() -> None:
    keys = link("intl", PLATFORM, OPERATOR, b"12345678")
    secrets = secrets_of(OPERATOR)
    plain = _peer(OPERATOR, Role.OPERATOR, "intl")
    for peer, takes in (
        (plain, "suite intl takes keys of a link"),
        (replace(plain, inbound=keys), "suite intl takes keys of a link"),
        (replace(plain, suite="gm-mac", inbound=keys), "suite gm-mac takes four secrets"),
        (replace(plain, suite="gm-mac", outbound=keys), "suite gm-mac takes four secrets"),
    ):
        identity = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers={OPERATOR: peer})
        with pytest.raises(Misconfigured, match=takes):
            Gateway(identity, fresh_store())
    good = replace(plain, inbound=keys, outbound=None)
    known = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers={OPERATOR: good})
    assert "intl" in Gateway(known, fresh_store()).suites
    assert secrets.operator_secret not in repr(good).encode()


def test_card_5_a_suite_is_found_by_its_place_in_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "vgigw.toml"
    path.write_text(_CONFIG.format(suite=f"{__name__}:OWN"))

    gateway = Gateway.from_config(path, store=fresh_store())

    assert gateway.identity.peers["123456789"].suite == "own"
    assert gateway.suites["own"] is OWN
    assert gateway.identity.suites.count("own") == 1


@pytest.mark.parametrize("suite", ["nowhere:SUITE", "tests.trio:NO_SUCH", "unheard-of"])
def test_a_suite_that_is_not_there_is_told_by_name(tmp_path: Path, suite: str) -> None:
    path = tmp_path / "vgigw.toml"
    path.write_text(_CONFIG.format(suite=suite))

    with pytest.raises(Misconfigured, match=suite):
        Gateway.from_config(path, store=fresh_store())


def test_card_5_the_doctor_knows_a_suite_by_its_place(tmp_path: Path) -> None:
    place = f"{__name__}:OWN"
    path = tmp_path / "vgigw.toml"
    outbound = '[peers.outbound]\npaths = ["http://127.0.0.1:1/evcs/v1"]\n'
    path.write_text(_CONFIG.format(suite=place) + outbound)

    found = {each.check: each for each in look_over(path)}

    assert found[f"suite {place}"].state is State.OK
    # Nobody listens there: that is all that is wrong with the peer.
    assert "not reached" in found["peer 123456789"].found
