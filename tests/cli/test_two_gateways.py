"""Two gateways from nothing: configurations, keys by ``vgigw keys``, and messages between them.

Nothing is told to a gateway after it was opened: what the commands change in a ring is in force
with the next message. ACC-5.8, PLT-10.3b, CARD-5.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import BASES, ret_of, station
from vgigw import Gateway
from vgigw.cli import key_checks, main
from vgigw.cli.checks import look_over, suites
from vgigw.cli.findings import Finding, State
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import Misconfigured, PeerAnswerInvalid
from vgigw.objects import ArchiveReceipt, Success, TokenRequest
from vgigw.operations import PUSH_ARCHIVE, QUERY_TOKEN
from vgigw.ports import Store
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from
from vgigw.testing.loopback import FakeClock, LoopbackSender, doors_of

PLATFORM, OPERATOR = "100000001", "123456789"
ROLES = {PLATFORM: "platform", OPERATOR: "operator"}
PORTS = {PLATFORM: "9001", OPERATOR: "9002"}
SECRETS = {PLATFORM: "shown-by-platform", OPERATOR: "shown-by-operator"}
ALGORITHMS = {
    "gm": {"sign": "sm2", "encrypt": "sm2"},
    "intl": {"sign": "ed25519", "encrypt": "rsa"},
}
CONFIG = """
[gateway]
operator_id = "{own}"
role = "{role}"
master_key = "file:master"
[[peers]]
operator_id = "{peer}"
role = "{peer_role}"
doors = ["cec102", "rest", "soap"]
suite = "{suite}"
[peers.inbound]
operator_secret = "{inbound}"
[peers.outbound]
paths = ["http://127.0.0.1:{port}/{base}"]
door = "{door}"
operator_secret = "{outbound}"
"""


class Line:
    """Carries what is for a port of loopback to the gateway that would listen there."""

    def __init__(self, clock: FakeClock) -> None:
        self.net = LoopbackSender(clock)

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        return self.net.exchange(base.replace("http://127.0.0.1:", "loop://"), request)


class Two:
    """The platform and the operator in ``folder``, each with a ring and a master key of its own."""

    def __init__(self, folder: Path, suite: str, door: str = "cec102") -> None:
        self._folder, self._suite = folder, suite
        self.clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
        self.line = Line(self.clock)
        for own, other in ((PLATFORM, OPERATOR), (OPERATOR, PLATFORM)):
            (folder / own).mkdir()
            (folder / own / "master").write_text(own[-1] * 64)
            self.config(own).write_text(
                CONFIG.format(
                    own=own,
                    role=ROLES[own],
                    peer=other,
                    peer_role=ROLES[other],
                    suite=suite,
                    inbound=SECRETS[other],
                    outbound=SECRETS[own],
                    port=PORTS[other],
                    base=BASES[door],
                    door=door,
                )
            )

    def config(self, own: str) -> Path:
        return self._folder / own / "vgigw.toml"

    def keys(self, own: str, *arguments: str) -> str:
        ran = CliRunner().invoke(main, ["keys", "-c", str(self.config(own)), *arguments])
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    def make(self, own: str, purpose: str) -> None:
        algorithm = ALGORITHMS[self._suite][purpose]
        self.keys(own, "new", purpose, "--algorithm", algorithm, "--purpose", purpose)

    def hand_over(self, giver: str, taker: str, key_id: str, purpose: str) -> None:
        file = self._folder / "public.pem"
        file.write_text(self.keys(giver, "export", key_id))
        algorithm = ALGORITHMS[self._suite][purpose]
        options = ("--party", giver, "--algorithm", algorithm, "--purpose", purpose)
        self.keys(taker, "import", str(file), key_id, *options)

    def make_and_exchange(self) -> None:
        for own, other in ((PLATFORM, OPERATOR), (OPERATOR, PLATFORM)):
            for purpose in ("sign", "encrypt"):
                self.make(own, purpose)
                self.hand_over(own, other, purpose, purpose)

    def open(self, platform_store: Store | None = None, **more: Any) -> dict[str, Gateway]:
        stores = {PLATFORM: platform_store or fresh_store(), OPERATOR: fresh_store()}
        found = {
            own: Gateway.from_config(self.config(own), store=stores[own], sender=self.line, **more)
            for own in ROLES
        }
        # Making keys takes seconds: what is said from now on is later than all of them.
        self.clock.move_to(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1))
        for own, gateway in found.items():
            self.line.net.join(PORTS[own], gateway)
        return found

    @property
    def last_code(self) -> int:
        return ret_of(self.line.net.exchanged[-1][1])


def greet(two: Two, gateways: dict[str, Gateway], own: str) -> bool:
    """Whether the other side gives ``own`` a token now."""
    other = OPERATOR if own == PLATFORM else PLATFORM
    asked = TokenRequest(operator_id=own, operator_secret=SECRETS[own])
    reply: Any = gateways[own].call(other, QUERY_TOKEN, asked, two.clock.now())
    return bool(reply.succ_stat is Success.OK)


@pytest.fixture(params=list(ALGORITHMS))
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("door", list(BASES))
def test_plt_10_3b_two_gateways_from_nothing_talk(tmp_path: Path, suite: str, door: str) -> None:
    two = Two(tmp_path, suite, door)
    two.make_and_exchange()
    gateways = two.open()

    receipt = gateways[OPERATOR].call(PLATFORM, PUSH_ARCHIVE, station(), two.clock.now())

    assert receipt == ArchiveReceipt(status=Success.OK, version=1)
    assert greet(two, gateways, PLATFORM)
    assert gateways[PLATFORM].suites[suite].name == suite
    wrong = TokenRequest(operator_id=OPERATOR, operator_secret=SECRETS[PLATFORM])
    refused: Any = gateways[OPERATOR].call(PLATFORM, QUERY_TOKEN, wrong, two.clock.now())
    assert refused.succ_stat is Success.FAILED


def test_acc_5_8_a_rotation_loses_nothing_while_both_sides_run(tmp_path: Path, suite: str) -> None:
    two = Two(tmp_path, suite)
    two.make_and_exchange()
    gateways = two.open()
    began = two.clock.now()
    for purpose in ("sign", "encrypt"):
        two.keys(OPERATOR, "rotate", purpose, f"{purpose}-2")
        two.hand_over(OPERATOR, PLATFORM, f"{purpose}-2", purpose)

    signed = set()
    for hours in (0, 12, 23.999, 24, 24.01, 36, 47.9, 48.1, 72):
        two.clock.move_to(began + timedelta(hours=hours))
        assert greet(two, gateways, OPERATOR), hours
        sig = two.line.net.exchanged[-1][0].body.split(b'"Sig":"')[1].split(b".")[0]
        signed.add(sig)
        assert greet(two, gateways, PLATFORM), hours

    assert signed == {b"sign", b"sign-2"}


def test_acc_5_8_what_is_under_way_when_a_key_ends_is_still_taken(
    tmp_path: Path, suite: str
) -> None:
    two = Two(tmp_path, suite)
    two.make_and_exchange()
    gateways = two.open()
    two.keys(OPERATOR, "rotate", "sign", "sign-2", "--at-once")
    two.hand_over(OPERATOR, PLATFORM, "sign-2", "sign")
    operator, platform = gateways[OPERATOR], gateways[PLATFORM]
    peer = operator.identity.peers[PLATFORM]
    asked = TokenRequest(operator_id=OPERATOR, operator_secret=SECRETS[OPERATOR])
    # Keys of RSA take a while to make.
    sealed_at = two.clock.now() + timedelta(seconds=60)
    courier: Any = operator._exchanges._couriers["cec102"]
    wire, _ = courier.seal(peer, "", QUERY_TOKEN, asked, None, sealed_at)
    assert b'"Sig":"sign-2.' in wire.body

    door = next(d for d in doors_of(platform).values() if d.name == "cec102")
    late = replace(wire, path=f"/evcs/v1{wire.path}", transport=Transport.LOOPBACK)
    answer = platform.receive(door, late, sealed_at + timedelta(seconds=200))

    assert ret_of(answer) == 0


def test_acc_5_8_a_revocation_acts_in_a_gateway_that_runs(tmp_path: Path, suite: str) -> None:
    two = Two(tmp_path, suite)
    two.make_and_exchange()
    gateways = two.open()
    assert greet(two, gateways, OPERATOR)

    two.keys(PLATFORM, "revoke", "sign", "--party", OPERATOR, "--yes")
    with pytest.raises(PeerAnswerInvalid):
        greet(two, gateways, OPERATOR)
    assert two.last_code == 4104

    two.keys(OPERATOR, "revoke", "encrypt", "--yes")
    with pytest.raises(PeerAnswerInvalid):
        greet(two, gateways, PLATFORM)
    assert two.last_code == 4103

    two.keys(OPERATOR, "revoke", "sign", "--yes")
    with pytest.raises(Misconfigured, match="no active key to sign"):
        greet(two, gateways, OPERATOR)


def test_an_unknown_key_is_no_more_than_a_forgery(tmp_path: Path, suite: str) -> None:
    two = Two(tmp_path, suite)
    two.make_and_exchange()
    two.keys(OPERATOR, "rotate", "sign", "sign-2", "--at-once")
    gateways = two.open()

    with pytest.raises(PeerAnswerInvalid):
        greet(two, gateways, OPERATOR)

    assert two.last_code == 4001


@pytest.mark.parametrize("door", list(BASES))
def test_a_ring_that_is_spoilt_stops_nothing_but_its_links_and_tells_no_place(
    tmp_path: Path, door: str
) -> None:
    two = Two(tmp_path, "intl", door)
    two.make_and_exchange()
    gateways = two.open()
    ring = two.config(PLATFORM).parent / "var" / "keys.json"
    whole = ring.read_bytes()
    ring.write_bytes(whole.replace(b'"active"', b'"pending"', 1))

    with pytest.raises(PeerAnswerInvalid):
        greet(two, gateways, OPERATOR)
    told = two.line.net.exchanged[-1][1].body
    assert two.last_code == 500
    assert b"keys.json" not in told
    assert b"ring" not in told.replace(b"string", b"")

    ring.write_bytes(whole)
    assert greet(two, gateways, OPERATOR)


def findings(found: list[Finding]) -> dict[State, list[str]]:
    return {state: [one.found for one in found if one.state is state] for state in State}


def test_the_doctor_says_which_keys_are_missing_and_who_does_sm2(tmp_path: Path) -> None:
    two = Two(tmp_path, "gm")
    config = load(two.config(PLATFORM))
    assert findings(list(key_checks.keys_of_peers(config)))[State.FAIL] == [
        "no active key, ours to sign",
        "no active key, ours to encrypt",
        "no active key, theirs to sign",
        "no active key, theirs to encrypt",
    ]

    two.make_and_exchange()

    found = list(key_checks.keys_of_peers(config))
    assert [one.state for one in found] == [State.OK] * 4
    assert [one.found for one in suites(config)] == [f"private keys, SM2 by {sm2_provider().name}"]
    two.keys(PLATFORM, "revoke", "encrypt", "--party", OPERATOR, "--yes")
    assert findings(list(key_checks.keys_of_peers(config)))[State.FAIL] == [
        "no active key, theirs to encrypt"
    ]
    assert any("theirs to sign: sign until" in one.found for one in look_over(two.config(PLATFORM)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("file:master", "file:none"), "master key: file none"),
        (
            lambda text: text.replace("[peers.outbound]", 'sig_secret = "x"\n[peers.outbound]'),
            "sig_secret is of no use with suite gm",
        ),
        (
            lambda text: text.replace('"shown-by-operator"', '"short"'),
            "peer 123456789 inbound: operator_secret must have 8 to 64 bytes",
        ),
        (lambda text: text.replace('"gm"', '"gm-mac"'), "inbound.data_secret is missing"),
        (lambda text: text.replace('"gm"', '"GM"'), "known are tcec102, gm-mac, gm, intl"),
    ],
    ids=["master key", "needless secret", "short secret", "missing secret", "unknown suite"],
)
def test_a_section_that_does_not_fit_its_suite_is_told(
    tmp_path: Path, change: Callable[[str], str], says: str
) -> None:
    two = Two(tmp_path, "gm")
    path = two.config(PLATFORM)
    path.write_text(change(path.read_text()))

    with pytest.raises(Misconfigured) as refused:
        identity_from(load(path))

    assert says in refused.value.message
