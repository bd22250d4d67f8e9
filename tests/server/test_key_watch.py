"""Keys that change while two gateways run: told by the one, followed by the other. ACC-5.8."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cli.test_two_gateways import OPERATOR, PLATFORM, Two, greet
from vgigw import Gateway
from vgigw.crypto import key_algorithms
from vgigw.crypto.key_algorithms import Algorithm, fingerprint_of
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import KeyState
from vgigw.errors import KeyUnusable, OverLimit, PeerRefused
from vgigw.handlers import keys
from vgigw.handlers.audit import AUDIT
from vgigw.handlers.key_material import material
from vgigw.objects import KeyRecord
from vgigw.objects.security import KeyPurpose
from vgigw.objects.security import KeyState as ToldState
from vgigw.operations import NOTIFY_KEY_CHANGE
from vgigw.ports import LetterState, Store
from vgigw.server import key_follower
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of

YEAR = timedelta(days=365)


@cache
def _rings(suite: str) -> dict[str, bytes]:
    """The rings of both sides after an exchange by hand, made once: RSA takes its time."""
    with TemporaryDirectory() as folder:
        two = Two(Path(folder), suite)
        two.make_and_exchange()
        places = {own: two.config(own).parent / "var" / "keys.json" for own in (PLATFORM, OPERATOR)}
        return {own: place.read_bytes() for own, place in places.items()}


class Pair:
    """Two gateways whose keys were exchanged by hand once, and whose hosts tick them."""

    def __init__(
        self,
        folder: Path,
        suite: str,
        door: str = "cec102",
        *,
        follow: bool = True,
        store: Store | None = None,
    ) -> None:
        self.two = Two(folder, suite, door)
        if not follow:
            config = self.two.config(PLATFORM)
            text = config.read_text()
            config.write_text(
                text.replace("[peers.inbound]", "follow_key_changes = false\n[peers.inbound]")
            )
        for own, octets in _rings(suite).items():
            (self.two.config(own).parent / "var").mkdir()
            (self.two.config(own).parent / "var" / "keys.json").write_bytes(octets)
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.gateways = self.two.open(platform_store=store, observer=self._see)

    def _see(self, event: str, /, **facts: Any) -> None:
        self.seen.append((event, facts))

    def now(self) -> datetime:
        return self.two.clock.now()

    def later(self, **more: float) -> None:
        self.two.clock.move_to(self.now() + timedelta(**more))

    def tick(self, times: int = 1) -> None:
        """Both hosts, a second apart each time."""
        for _ in range(times):
            self.later(seconds=1.1)
            for gateway in self.gateways.values():
                gateway.tick(self.now())

    def ring(self, own: str) -> KeyRing:
        return ring_of(load(self.two.config(own)))

    def states(self, own: str, party: str) -> dict[str, KeyState]:
        return {one.key_id: one.state for one in self.ring(own).records() if one.party == party}

    def told(self, own: str) -> list[str]:
        """What ``own`` put into its outbox of its keys, in turn."""
        found = self.gateways[own].store.read(
            lambda view: [
                letter.message_id
                for state in LetterState
                for letter in view.letters(state=state)
                if letter.operation == NOTIFY_KEY_CHANGE.name
            ]
        )
        return sorted(found)

    def tell(self, own: str, notice: KeyRecord) -> None:
        """A notice as whoever has the keys of ``own`` may send it."""
        other = PLATFORM if own == OPERATOR else OPERATOR
        self.gateways[own].call(other, NOTIFY_KEY_CHANGE, notice, self.now())

    def audited(self, own: str) -> list[tuple[str, int]]:
        found = self.gateways[own].store.read(lambda view: list(AUDIT.walk(view, owner=own)))
        return [(one.object_ref, one.result) for one in found if one.action == "FollowKeyChange"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_algorithms, "RSA_BITS", 2048)


@pytest.fixture(params=["gm", "intl"])
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def notice(key_id: str = "new", **changes: Any) -> KeyRecord:
    """Of a key that nobody has, in the name of OPERATOR."""
    forms = key_algorithms.KeyForms(lambda: pytest.fail("no SM2 here"))
    public = forms.public_of(Algorithm.ED25519, forms.generate(Algorithm.ED25519))
    now = datetime(2026, 1, 1).astimezone()
    plain = KeyRecord(
        key_id=key_id,
        owner_id=OPERATOR,
        purpose=KeyPurpose.SIGNING,
        algorithm="Ed25519",
        not_before=now,
        not_after=now + 10 * YEAR,
        state=ToldState.ACTIVE,
        fingerprint=fingerprint_of(public),
        wrapped_key=material(public, ()),
    )
    return replace(plain, **changes)


def test_a_rotation_goes_over_the_wire_and_no_message_is_refused(
    tmp_path: Path, suite: str
) -> None:
    pair = Pair(tmp_path, suite)
    pair.tick(3)
    for own in (OPERATOR, PLATFORM):
        for purpose in ("sign", "encrypt"):
            pair.two.keys(own, "rotate", purpose, f"{purpose}-2")
    pair.tick(3)
    assert {"sign-2", "encrypt-2"} <= set(pair.states(PLATFORM, OPERATOR))
    assert {"sign-2", "encrypt-2"} <= set(pair.states(OPERATOR, PLATFORM))
    signed = set()
    for hours in (1, 12, 10.9, 0.2, 12, 11.8, 0.3, 24):
        pair.later(hours=hours)
        pair.tick(2)
        assert greet(pair.two, pair.gateways, OPERATOR), hours
        body = pair.two.line.net.exchanged[-1][0].body
        signed.add(body.split(b'"Sig":"')[1].split(b".")[0])
        assert greet(pair.two, pair.gateways, PLATFORM), hours
    assert signed == {b"sign", b"sign-2"}
    states = {each: pair.states(PLATFORM, OPERATOR)[each] for each in ("sign", "sign-2")}
    assert states == {"sign": KeyState.RETIRING, "sign-2": KeyState.ACTIVE}


def test_each_peer_is_told_once_of_each_state(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    pair.tick(5)
    assert pair.told(OPERATOR) == ["encrypt/2", "sign/2"]
    pair.two.keys(OPERATOR, "rotate", "sign", "sign-2")
    pair.tick(3)
    pair.later(hours=24.1)
    pair.tick(3)
    again = Gateway.from_config(
        pair.two.config(OPERATOR), store=pair.gateways[OPERATOR].store, sender=pair.two.line
    )
    again.tick(pair.now())
    assert pair.told(OPERATOR) == ["encrypt/2", "sign-2/1", "sign-2/2", "sign/2", "sign/3"]
    pair.two.keys(OPERATOR, "revoke", "sign", "--yes")
    pair.tick(2)
    assert pair.told(OPERATOR)[-1] == "sign/4"
    assert not pair.gateways[OPERATOR].store.read(
        lambda view: view.letters(state=LetterState.WAITING)
    )


@pytest.mark.parametrize("door", ["rest", "soap", "cec102"])
def test_a_revocation_goes_over_the_wire(tmp_path: Path, door: str) -> None:
    pair = Pair(tmp_path, "intl", door)
    pair.two.keys(OPERATOR, "rotate", "sign", "sign-2", "--overlap-s", "5")
    pair.tick(10)
    stolen = pair.ring(OPERATOR).record(Place(OPERATOR, "sign"))
    assert pair.states(PLATFORM, OPERATOR)["sign"] is KeyState.RETIRING
    pair.two.keys(OPERATOR, "revoke", "sign", "--yes")
    pair.tick(2)
    assert pair.states(PLATFORM, OPERATOR)["sign"] is KeyState.REVOKED
    assert stolen.sealed is not None
    assert greet(pair.two, pair.gateways, OPERATOR)


def test_what_came_by_hand_is_revoked_by_its_owner(tmp_path: Path) -> None:
    # It is told of before the gateways ever ran, so that no notice was there before.
    pair = Pair(tmp_path, "intl")
    pair.tell(OPERATOR, notice("by-hand"))
    pair.tick(1)
    pair.two.keys(OPERATOR, "revoke", "encrypt", "--yes")
    pair.tick(3)
    assert pair.states(PLATFORM, OPERATOR)["encrypt"] is KeyState.REVOKED


def test_notice_of_a_stranger_or_for_another_party_changes_nothing(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    pair.tick(2)
    before = pair.ring(PLATFORM).records()
    for owner in (PLATFORM, "300000003"):
        with pytest.raises(PeerRefused):
            pair.tell(OPERATOR, notice(owner_id=owner))
    pair.two.keys(PLATFORM, "revoke", "sign", "--party", OPERATOR, "--yes")
    with pytest.raises(Exception):  # noqa: B017 - an answer that is not signed for us, or none
        pair.tell(OPERATOR, notice())
    pair.tick(2)
    after = {one.key_id: one.state for one in pair.ring(PLATFORM).records()}
    assert after == {one.key_id: one.state for one in before} | {"sign": KeyState.REVOKED}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"fingerprint": "0" * 64}, "/Fingerprint"),
        ({"wrapped_key": "MIIB"}, "/WrappedKey"),
        ({"wrapped_key": "no base64!"}, "/WrappedKey"),
        ({"algorithm": "RSA"}, "/WrappedKey"),
        ({"purpose": KeyPurpose.DATA}, "/Purpose"),
        ({"key_id": "a.b"}, "/KeyID"),
    ],
    ids=["fingerprint", "no key", "no base64", "another kind", "cannot encrypt", "no name"],
)
def test_material_that_does_not_fit_is_refused_and_named(
    changes: dict[str, Any], path: str, tmp_path: Path
) -> None:
    pair = Pair(tmp_path, "intl")
    with pytest.raises(PeerRefused) as refused:
        pair.tell(OPERATOR, notice(**changes))
    assert [each.path for each in refused.value.details] == [path]


def test_private_key_in_a_notice_is_refused_and_kept_nowhere(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    private = key_algorithms.KeyForms(lambda: pytest.fail("no SM2")).generate(Algorithm.ED25519)
    with pytest.raises(PeerRefused) as refused:
        pair.tell(OPERATOR, notice(wrapped_key=material(private, ())))
    assert material(private, ()) not in str(refused.value.__dict__)
    held = pair.gateways[PLATFORM].store.read(lambda view: view.documents("KeyRecord"))
    assert not held


def test_another_key_of_a_known_name_is_not_taken_and_told_once(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    known = pair.ring(PLATFORM).record(Place(OPERATOR, "sign"))
    pair.tell(OPERATOR, notice("sign"))
    pair.tick(4)
    assert pair.ring(PLATFORM).record(Place(OPERATOR, "sign")) == known
    refused = [each for each in pair.audited(PLATFORM) if each[1]]
    assert refused == [(f"{OPERATOR}/sign/active", KeyUnusable.ret)]
    failed = [facts for event, facts in pair.seen if event == "key.not-followed"]
    assert [each["why"] for each in failed] == ["another key is known by this name"]


def test_what_is_followed_is_audited_and_logged_without_the_key(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    told = notice()
    pair.tell(OPERATOR, told)
    pair.tick(1)
    assert pair.states(PLATFORM, OPERATOR)["new"] is KeyState.ACTIVE
    assert (f"{OPERATOR}/new/active", 0) in pair.audited(PLATFORM)
    events = [event for event, _ in pair.seen]
    assert "key.followed" in events
    assert str(told.wrapped_key) not in str(pair.seen)


def test_a_peer_that_is_not_followed_changes_nothing_by_itself(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl", follow=False)
    pair.tell(OPERATOR, notice())
    pair.tell(OPERATOR, notice("sign", state=ToldState.REVOKED))
    pair.tick(2)
    assert pair.states(PLATFORM, OPERATOR) == {
        "sign": KeyState.ACTIVE,
        "encrypt": KeyState.ACTIVE,
    }


def test_a_key_that_was_revoked_here_never_comes_back_by_a_notice(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    told = notice()
    pair.tell(OPERATOR, told)
    pair.tick(1)
    pair.two.keys(PLATFORM, "revoke", "new", "--party", OPERATOR, "--yes")
    pair.tell(OPERATOR, replace(told, state=ToldState.RETIRING))
    pair.tick(2)
    assert pair.states(PLATFORM, OPERATOR)["new"] is KeyState.REVOKED


def test_pending_key_without_a_date_to_come_waits_for_its_word(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    told = notice(state=ToldState.PENDING)
    pair.tell(OPERATOR, told)
    pair.tick(1)
    assert pair.states(PLATFORM, OPERATOR)["new"] is KeyState.PENDING
    pair.tell(OPERATOR, replace(told, state=ToldState.ACTIVE))
    pair.tick(1)
    assert pair.states(PLATFORM, OPERATOR)["new"] is KeyState.ACTIVE


def test_keys_that_are_certified_are_followed_by_certified_ones_only(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    two = pair.two
    two.keys(PLATFORM, "authority", "ca", "--algorithm", "ed25519")

    def certified(key_id: str) -> None:
        request, leaf = tmp_path / "request.pem", tmp_path / "leaf.pem"
        request.write_text(two.keys(OPERATOR, "request", key_id))
        leaf.write_text(
            two.keys(PLATFORM, "certify", str(request), "--authority", "ca", "--days", "9")
        )
        root = tmp_path / "ca.pem"
        root.write_text(two.keys(PLATFORM, "export", "ca", "--certificate"))
        two.keys(
            OPERATOR, "import", str(leaf), key_id, "--purpose", "sign", "--authority", str(root)
        )

    two.keys(OPERATOR, "new", "certified", "--algorithm", "ed25519", "--purpose", "sign")
    certified("certified")
    pair.tick(3)
    taken = pair.ring(PLATFORM).record(Place(OPERATOR, "certified"))
    assert len(taken.certificates) == 1
    assert taken.not_after <= pair.now() + timedelta(days=9)
    pair.tell(OPERATOR, notice("bare"))
    pair.tick(2)
    assert "bare" not in pair.states(PLATFORM, OPERATOR)
    why = [facts["why"] for event, facts in pair.seen if event == "key.not-followed"]
    assert why == ["the keys of this party have certificates, and this one has none"]
    # Whoever stole the certified key takes it away, so that a bare one may come in its place.
    two.keys(PLATFORM, "revoke", "certified", "--party", OPERATOR, "--yes")
    pair.tick(3)
    assert "bare" not in pair.states(PLATFORM, OPERATOR)


def test_party_that_tells_of_ever_more_keys_fills_no_ring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_follower, "MOST_KEYS_OF_A_PARTY", 4)
    pair = Pair(tmp_path, "intl")
    for number in range(4):
        pair.tell(OPERATOR, notice(f"n{number}"))
    pair.tick(2)
    assert len(pair.states(PLATFORM, OPERATOR)) == 4
    why = [facts["why"] for event, facts in pair.seen if event == "key.not-followed"]
    assert why == ["4 keys of this party are in the ring; it gets no more"] * 2


def test_acc_5_8_a_flood_of_key_notices_is_bounded_and_ends_no_rotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each notice that is kept is looked at again every few seconds, and may be in the audit."""
    monkeypatch.setattr(keys, "MOST_KEYS_OF_A_PARTY", 5)
    pair = Pair(tmp_path, "intl")
    over = {"state": ToldState.REVOKED, "not_after": pair.now() + timedelta(hours=1)}

    def held() -> list[str]:
        found = pair.gateways[PLATFORM].store.read(
            lambda view: view.documents("KeyRecord", owner=OPERATOR)
        )
        return [each.key for each in found]

    first = [notice(f"flood-{number}", **over) for number in range(5)]
    for each in first:
        pair.tell(OPERATOR, each)
    for number in range(5, 20):
        with pytest.raises(PeerRefused) as refused:
            pair.tell(OPERATOR, notice(f"flood-{number}", **over))
        assert refused.value.code == OverLimit.ret
    assert held() == [f"flood-{number}" for number in range(5)]
    pair.tell(OPERATOR, first[3])
    pair.tick(1)
    assert len([each for each in pair.audited(PLATFORM) if each[0].startswith(OPERATOR)]) <= 5
    pair.later(hours=1.1)
    pair.tell(OPERATOR, notice())
    assert held() == ["new"], "what is over makes room"
    pair.tick(2)
    assert pair.states(PLATFORM, OPERATOR)["new"] is KeyState.ACTIVE
    watch: Any = pair.gateways[PLATFORM].key_watch
    pair.later(seconds=30)
    pair.tick(1)
    assert not [name for _, name in watch._follower._done if name.startswith("flood")]


def test_ring_that_cannot_be_read_is_told_once_and_followed_again(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "intl")
    file = pair.two.config(PLATFORM).parent / "var" / "keys.json"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"active", b"pending", 1))
    for _ in range(3):
        pair.later(seconds=1.1)
        watch = pair.gateways[PLATFORM].key_watch
        assert watch is not None
        watch.look(pair.now())
    assert [event for event, _ in pair.seen].count("keys.failed") == 1
    file.write_bytes(whole)
    pair.tell(OPERATOR, notice())
    pair.tick(1)
    assert "new" in pair.states(PLATFORM, OPERATOR)
