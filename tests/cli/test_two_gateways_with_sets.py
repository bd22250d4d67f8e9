"""Two gateways whose four secrets are sets of the key ring, rotated and revoked while they run.

Nothing is told to a gateway after it was opened. ACC-5.4, ACC-5.5, ACC-5.7, ACC-5.8, F83.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cli.test_two_gateways import OPERATOR, PLATFORM
from tests.cli.two_with_sets import PEER, SUITES, TwoWithSets
from tests.trio import BASES, ret_of, station
from vgigw import Gateway
from vgigw.cli.findings import State
from vgigw.cli.secret_set_checks import sets_of_peers
from vgigw.crypto import sm2_pbes2
from vgigw.crypto.key_ring import Place
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.suite import SUITES as BY_NAME
from vgigw.envelope import rest
from vgigw.errors import Misconfigured, PeerAnswerInvalid
from vgigw.objects import ArchiveReceipt, Success, TokenRequest
from vgigw.operations import PUSH_ARCHIVE, QUERY_TOKEN
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of

EVERYWHERE = pytest.mark.parametrize(
    ("suite", "door"), [(suite, door) for suite in SUITES for door in BASES]
)
SOMEWHERE = pytest.mark.parametrize(
    ("suite", "door"), [("tcec102", "cec102"), ("gm-mac", "rest"), ("gm-mac", "soap")]
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})


def rotated(two: TwoWithSets, issuer: str, *how: str, number: int = 1) -> None:
    two.keys(issuer, "rotate", f"set-{number}", f"set-{number + 1}", *how)
    two.carry(issuer, f"set-{number + 1}")


def later(two: TwoWithSets, **more: float) -> None:
    two.clock.move_to(two.now() + timedelta(**more))


def asking(two: TwoWithSets, own: str, secrets: Secrets) -> TokenRequest:
    return TokenRequest(operator_id=own, operator_secret=secrets.operator_secret.decode())


@EVERYWHERE
def test_plt_10_3b_two_gateways_from_nothing_talk(tmp_path: Path, suite: str, door: str) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()

    receipt = two.call(OPERATOR, PUSH_ARCHIVE, station())

    assert receipt == ArchiveReceipt(status=Success.OK, version=1)
    assert two.token(PLATFORM)
    assert two.token(OPERATOR)
    down, up = two.four(PLATFORM, "set-1"), two.four(OPERATOR, "set-1")
    assert down != up
    assert two.using(OPERATOR).sig_secret == down.sig_secret
    wrong: Any = two.call(OPERATOR, QUERY_TOKEN, asking(two, OPERATOR, up))
    assert wrong.succ_stat is Success.FAILED


@SOMEWHERE
def test_acc_5_8_a_rotation_loses_nothing_while_both_sides_run(
    tmp_path: Path, suite: str, door: str
) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()
    began = two.now()
    for issuer in PEER:
        two.keys(issuer, "rotate", "set-1", "set-2")
    used = []
    for number, hours in enumerate((0, 12, 23.9999, 24, 24.0001, 36, 47.9, 48.1, 72), start=1):
        two.clock.move_to(began + timedelta(hours=hours))
        if hours == 12:
            two.carry(PLATFORM, "set-2")
        if hours == 36:
            # Late, and after it was due: what is there goes on.
            two.carry(OPERATOR, "set-2")
        for own in PEER:
            assert two.token(own), (own, hours)
        receipt = two.call(OPERATOR, PUSH_ARCHIVE, station(version=number))
        assert receipt.version == number
        used.append(tuple(two.using(own).key_id[-1] for own in (OPERATOR, PLATFORM)))

    by_operator, by_platform = ("".join(each) for each in zip(*used, strict=True))
    # Keys were made a moment before the clock that stands still began.
    assert by_operator in ("111222222", "112222222")
    assert by_platform == "111112222"


@SOMEWHERE
def test_acc_5_5_the_answer_goes_by_the_set_of_its_request_and_no_other_counts(
    tmp_path: Path, suite: str, door: str
) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()
    rotated(two, PLATFORM, "--at-once")
    later(two, seconds=5)
    gateway = two.gateways[OPERATOR]
    courier: Any = gateway._exchanges._couriers[door]
    sets = {name: two.four(PLATFORM, name) for name in ("set-1", "set-2")}
    peers = {
        name: replace(gateway.identity.peers[PLATFORM], outbound=four)
        for name, four in sets.items()
    }
    for name, other in (("set-1", "set-2"), ("set-2", "set-1")):
        asked = asking(two, OPERATOR, sets[name])
        wire, sent = courier.seal(
            peers[name], peers[name].paths[0], QUERY_TOKEN, asked, None, two.now()
        )
        answer = two.give(OPERATOR, two.arrived(wire, peers[name]))
        assert courier.open(peers[name], QUERY_TOKEN, sent, answer).succ_stat is Success.OK
        with pytest.raises(PeerAnswerInvalid):
            courier.open(peers[other], QUERY_TOKEN, sent, answer)


@SOMEWHERE
def test_acc_5_7_the_secret_of_one_set_gives_no_token_to_a_message_by_another(
    tmp_path: Path, suite: str, door: str
) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()
    own = two.four(PLATFORM, "set-1")
    assert two.call(OPERATOR, QUERY_TOKEN, asking(two, OPERATOR, own)).succ_stat is Success.OK
    two.issue(PLATFORM, "set-2")
    asked = asking(two, OPERATOR, two.four(PLATFORM, "set-2"))
    assert two.call(OPERATOR, QUERY_TOKEN, asked).succ_stat is Success.FAILED


@SOMEWHERE
def test_acc_5_8_a_revocation_acts_with_the_next_message_and_ends_the_tokens_of_the_set(
    tmp_path: Path, suite: str, door: str
) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()
    old, old_set = two.token(OPERATOR), two.four(PLATFORM, "set-1")
    rotated(two, PLATFORM, "--at-once")
    later(two, seconds=5)
    new, new_set = two.token(OPERATOR), two.four(PLATFORM, "set-2")

    def push(version: int, token: str | None, using: Secrets) -> int:
        archive = station(version=version)
        wire = two.sealed(OPERATOR, PUSH_ARCHIVE, archive, using=using, token=token)
        return ret_of(two.give(OPERATOR, wire))

    assert [push(1, old, old_set), push(2, old, new_set), push(3, new, old_set)] == [0, 0, 0]

    two.keys(PLATFORM, "revoke", "set-1", "--yes")

    assert [push(4, old, new_set), push(5, new, old_set), push(6, new, new_set)] == [4002, 4104, 0]
    forged = Secrets.of(**dict.fromkeys(Secrets.__dataclass_fields__, "0123456789abcdef"))
    assert push(7, new, forged) == 4001
    assert push(8, "x" * 60, new_set) == 4002
    two.keys(PLATFORM, "revoke", "set-2", "--yes")
    assert push(9, new, new_set) == 4104
    with pytest.raises(PeerAnswerInvalid):
        two.call(OPERATOR, PUSH_ARCHIVE, station(version=10))


def test_acc_5_7_a_caller_goes_on_by_the_new_set_when_its_token_ended_with_the_old(
    tmp_path: Path,
) -> None:
    two = TwoWithSets(tmp_path, "gm-mac").started()
    assert two.call(OPERATOR, PUSH_ARCHIVE, station()).version == 1
    rotated(two, PLATFORM, "--at-once")
    later(two, seconds=5)
    two.keys(PLATFORM, "revoke", "set-1", "--yes")

    assert two.call(OPERATOR, PUSH_ARCHIVE, station(version=2)).version == 2


@SOMEWHERE
def test_a_set_out_of_its_dates_is_told_of_and_one_that_is_not_known_is_a_forgery(
    tmp_path: Path, suite: str, door: str
) -> None:
    two = TwoWithSets(tmp_path, suite, door).started()
    two.keys(PLATFORM, "rotate", "set-1", "set-2")
    sets = {name: two.four(PLATFORM, name) for name in ("set-1", "set-2")}

    def code(name: str) -> int:
        asked = asking(two, OPERATOR, sets[name])
        wire = two.sealed(OPERATOR, QUERY_TOKEN, asked, using=sets[name])
        return ret_of(two.give(OPERATOR, wire))

    assert (code("set-1"), code("set-2")) == (0, 4104)
    later(two, hours=25)
    assert (code("set-1"), code("set-2")) == (0, 0)
    later(two, hours=24)
    assert (code("set-1"), code("set-2")) == (4104, 0)


class Mixed:
    """Signs with the secrets of one set, and encrypts with those of another."""

    def __init__(self, suite: Any, other: Secrets) -> None:
        self._suite, self._other, self.name = suite, other, suite.name

    def encrypt(self, _: Any, plaintext: bytes) -> bytes:
        ciphertext: bytes = self._suite.encrypt(self._other, plaintext)
        return ciphertext

    def __getattr__(self, name: str) -> Any:
        return getattr(self._suite, name)


@pytest.mark.parametrize("suite", SUITES)
def test_data_by_one_set_under_a_signature_by_another_opens_nothing(
    tmp_path: Path, suite: str
) -> None:
    two = TwoWithSets(tmp_path, suite).started()
    rotated(two, PLATFORM, "--at-once")
    later(two, seconds=5)
    one, other = (two.four(PLATFORM, name) for name in ("set-1", "set-2"))
    token = two.token(OPERATOR)

    def push(signs: Secrets, way: Any) -> int:
        how: dict[str, Any] = {"using": signs, "token": token, "suite": way}
        return ret_of(two.give(OPERATOR, two.sealed(OPERATOR, PUSH_ARCHIVE, station(), **how)))

    for signs, seals in ((one, other), (other, one)):
        assert push(signs, Mixed(BY_NAME[suite], seals)) == 4103
        assert push(signs, BY_NAME[suite]) == 0


def test_f84_every_set_is_tried_whichever_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = TwoWithSets(tmp_path, "tcec102").started()
    rotated(two, PLATFORM, "--at-once")
    two.issue(PLATFORM, "set-3")
    two.keys(PLATFORM, "revoke", "set-3", "--yes")
    later(two, seconds=5)
    counted: list[Secrets] = []
    kind: Any = type(BY_NAME["tcec102"])
    real: Any = kind.verify

    def verify(self: Any, keys: Secrets, message: bytes, signature: str) -> None:
        counted.append(keys)
        real(self, keys, message, signature)

    foreign = Secrets.of(**dict.fromkeys(Secrets.__dataclass_fields__, "0123456789abcdef"))
    known = [two.four(PLATFORM, name) for name in ("set-1", "set-2")]
    wires = [
        two.sealed(OPERATOR, QUERY_TOKEN, asking(two, OPERATOR, each), using=each)
        for each in (*known, foreign)
    ]
    monkeypatch.setattr(kind, "verify", verify)
    seen = []
    for wire in wires:
        counted.clear()
        two.give(OPERATOR, wire)
        seen.append([each.set_id for each in counted])
    assert seen == [["set-2", "set-1", "set-3"]] * 3


def test_rest_may_say_which_set_it_means_and_then_means_no_other(tmp_path: Path) -> None:
    two = TwoWithSets(tmp_path, "gm-mac", "rest").started()
    rotated(two, PLATFORM, "--at-once")
    later(two, seconds=5)
    using = two.four(PLATFORM, "set-1")

    real: Any = rest.unsigned_input

    def named(key_id: str) -> int:
        def saying(*told: Any) -> Any:
            *said, signer = told
            return real(*said, signer._replace(key_id=key_id))

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(rest, "unsigned_input", saying)
            wire = two.sealed(OPERATOR, QUERY_TOKEN, asking(two, OPERATOR, using), using=using)
        assert f'keyid="{OPERATOR}/{key_id}"' in wire.headers["signature-input"]
        return ret_of(two.give(OPERATOR, wire))

    assert (named("set-1"), named("set-2"), named("set-9")) == (0, 4001, 4001)


def test_a_peer_without_a_ring_goes_on_with_what_stands_in_its_configuration(
    tmp_path: Path,
) -> None:
    """It gets the texts as ever; a set that it made comes in as a table of references."""
    two = TwoWithSets(tmp_path, "tcec102")
    two.issue(PLATFORM, "set-1")
    down = two.four(PLATFORM, "set-1")
    up = {name: f"{name:-<16}"[:16] for name in Secrets.__dataclass_fields__}
    for name, text in up.items():
        (two.config(PLATFORM).parent / name).write_text(text)
    two.file.write_text("".join(f'{name} = "file:{name}"\n' for name in up))
    options = ("--party", OPERATOR, "--algorithm", "secrets")
    two.keys(PLATFORM, "import", str(two.file), "by-hand", *options)
    inbound = "".join(f'{name} = "{text}"\n' for name, text in up.items())
    outbound = "".join(
        f'{name} = "{getattr(down, name).decode()}"\n' for name in Secrets.__dataclass_fields__
    )
    head, _, rest = two.config(OPERATOR).read_text().partition("ring = true\n")
    two.config(OPERATOR).write_text(head + inbound + rest.replace("ring = true\n", outbound))
    two.gateways = two.open()

    assert two.call(OPERATOR, PUSH_ARCHIVE, station()).version == 1
    assert two.token(PLATFORM)
    # What was sealed before somebody took it into the ring is still on its way.
    by_hand = two.ring(PLATFORM).record(Place(OPERATOR, "by-hand"))
    assert by_hand.not_before <= two.now() - timedelta(minutes=59)


def test_a_ring_that_is_spoilt_stops_its_links_and_tells_no_place(tmp_path: Path) -> None:
    two = TwoWithSets(tmp_path, "tcec102").started()
    file = two.config(PLATFORM).parent / "var" / "keys.json"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"active"', b'"pending"', 1))
    with pytest.raises(PeerAnswerInvalid):
        two.token(OPERATOR)
    assert two.last_code == 500
    assert b"keys.json" not in two.line.net.exchanged[-1][1].body
    file.write_bytes(whole)
    assert two.token(OPERATOR)


@pytest.mark.parametrize(
    ("side", "line", "says"),
    [
        ("inbound", 'ring = true\nsig_secret = "12345678"', "inbound.sig_secret: with ring = true"),
        ("outbound", 'ring = true\nsig_secret = "12345678"', "outbound.sig_secret: with ring"),
        ("outbound", "", "outbound: write ring = true, or all four secrets"),
        ("inbound", "", "inbound.operator_secret is missing"),
        ("suite", 'suite = "intl"', "ring = true is for sets of secrets"),
    ],
)
def test_a_section_says_one_place_for_its_secrets(
    tmp_path: Path, side: str, line: str, says: str
) -> None:
    two = TwoWithSets(tmp_path, "tcec102")
    config = two.config(PLATFORM)
    text = config.read_text()
    if side == "suite":
        text = text.replace('suite = "tcec102"', line)
    else:
        head, mark, rest = text.partition(f"[peers.{side}]")
        text = head + mark + rest.replace("ring = true", line, 1)
    config.write_text(text)
    with pytest.raises(Misconfigured, match=says):
        Gateway.from_config(config)


def test_the_doctor_says_which_set_is_missing_ending_or_unused(tmp_path: Path) -> None:
    two = TwoWithSets(tmp_path, "tcec102")

    def told(own: str = PLATFORM) -> list[tuple[State, str]]:
        return [(one.state, one.found) for one in sets_of_peers(load(two.config(own)))]

    assert told() == [
        (State.FAIL, "no set of secrets in use, issued by us"),
        (State.FAIL, "no set of secrets in use, issued by the peer"),
    ]
    two.make_and_exchange()
    assert [state for state, _ in told()] == [State.OK, State.OK]
    assert all("set-1 until 20" in found for _, found in told())
    two.keys(PLATFORM, "rotate", "set-1", "set-2", "--at-once", "--overlap-s", "600")
    assert [state for state, _ in told()] == [State.OK, State.OK]
    two.keys(PLATFORM, "revoke", "set-2", "--yes")
    assert told()[0][0] is State.WARN
    two.issue(OPERATOR, "soon", "--days", "3")
    assert [state for state, _ in told(OPERATOR)] == [State.OK, State.OK]
    two.keys(OPERATOR, "revoke", "set-1", "--yes")
    assert [state for state, _ in told(OPERATOR)] == [State.WARN, State.OK]

    config = two.config(OPERATOR)
    config.write_text(config.read_text().replace("ring = true", "", 1))
    (unused,) = [found for _, found in told(OPERATOR) if "is not used" in found]
    assert unused == f"set soon of {OPERATOR} for {PLATFORM} is not used"
    two.config(PLATFORM).parent.joinpath("master").write_text("f" * 64)
    assert told()[0][0] is State.FAIL


def test_a_set_is_shown_without_its_secrets_and_leaves_encrypted_only(tmp_path: Path) -> None:
    two = TwoWithSets(tmp_path, "tcec102")
    two.make_and_exchange()
    four = two.four(PLATFORM, "set-1")
    texts = [getattr(four, name).decode() for name in Secrets.__dataclass_fields__]
    shown = two.keys(PLATFORM, "list") + two.keys(PLATFORM, "show", "set-1", "--json")
    left = two.keys(PLATFORM, "export", "set-1", "--private", "--passphrase", two.passphrase)
    assert left.startswith("-----BEGIN VGIGW ENCRYPTED SECRETS-----")
    assert not any(text in shown + left for text in texts)
    assert '"purpose": "exchange"' in shown
    rings = [ring_of(load(two.config(own))) for own in PEER]
    prints = {one.record(Place(PLATFORM, "set-1")).public for one in rings}
    assert len(prints) == 1
    for wrong in (
        ("export", "set-1"),
        ("export", "set-1", "--private"),
        ("new", "set-2", "--algorithm", "secrets"),
        ("new", "k", "--algorithm", "sm2"),
        ("authority", "a", "--algorithm", "secrets"),
    ):
        with pytest.raises(AssertionError):
            two.keys(PLATFORM, *wrong)
