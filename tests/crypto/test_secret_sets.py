"""Sets of four secrets in the key ring: at rest, on their way, in use, gone. ACC-5.8."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.crypto.rings import DATES, NOW, THEM, US, YEAR, ring
from vgigw.crypto import sm2_pbes2
from vgigw.crypto.key_algorithms import Algorithm, fingerprint_of
from vgigw.crypto.key_life import Told
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, LinkKey, Purpose
from vgigw.crypto.master_key import Cipher, MasterKey
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secret_set_letter import export_set, import_set
from vgigw.crypto.secret_sets import MOST_GONE, MOST_IN_USE, SecretSet, SecretSets, is_usable
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.suite import SUITES
from vgigw.errors import Misconfigured

PASSPHRASE = b"a passphrase of some length"
DAY = timedelta(days=1)
OVERLAP = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})


def make(one: KeyRing, key_id: str = "set-1", **dates: Any) -> KeyRecord:
    dates = {**DATES, **dates}
    return one.new(key_id, Algorithm.SECRETS, Purpose.EXCHANGE, peer=THEM, **dates)


def four(name: str) -> Secrets:
    text = name.rjust(16, "x")
    return Secrets.of(operator_secret=text, data_secret=text, data_secret_iv=text, sig_secret=text)


def test_acc_5_8_a_set_rests_encrypted_and_is_opened_by_its_own_master(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    record = make(ours)
    made = ours.sets(US, THEM).to_seal(NOW)
    assert (made.key_id, record.peer, record.party) == ("set-1", THEM, US)
    texts = [getattr(made, name) for name in SECRET_NAMES]
    assert len(set(texts)) == 4
    whole = (tmp_path / US / "keys.json").read_bytes()
    assert not any(text in whole for text in texts)
    assert not any(text.decode() in repr((record, made)) for text in texts)
    assert "verifier" in whole.decode()
    for part in ("sealed", "verifier"):
        moved = replace(record, key_id="set-2")
        with pytest.raises(Misconfigured):
            ours._material.secret_set(moved if part == "sealed" else replace(moved, sealed=None))
    again = ring(tmp_path)
    assert again.sets(US, THEM).to_seal(NOW) == made
    with pytest.raises(Misconfigured, match="no set of secrets is in use"):
        again.sets(THEM, US).to_seal(NOW)


def test_acc_5_8_a_set_leaves_encrypted_and_comes_with_its_name_and_dates(tmp_path: Path) -> None:
    ours, theirs = ring(tmp_path, US), ring(tmp_path, THEM)
    made = make(ours, not_before=NOW + DAY)
    place = Place(US, "set-1")
    letter = export_set(ours, place, PASSPHRASE)
    secrets = ours.opened_set(place)
    assert not any(getattr(secrets, name) in letter for name in SECRET_NAMES)

    taken = import_set(theirs, place, letter, PASSPHRASE)

    same = ("party", "peer", "key_id", "not_before", "not_after", "public")
    assert [getattr(taken, name) for name in same] == [getattr(made, name) for name in same]
    assert fingerprint_of(taken.public) == fingerprint_of(made.public)
    assert theirs.opened_set(place) == secrets
    assert theirs.sets(US, THEM).to_seal(NOW + DAY) == ours.sets(US, THEM).to_seal(NOW + DAY)
    with pytest.raises(Misconfigured, match="stands there already"):
        import_set(theirs, place, letter, PASSPHRASE)


def test_a_letter_that_is_of_another_or_was_changed_is_refused(tmp_path: Path) -> None:
    ours, theirs = ring(tmp_path, US), ring(tmp_path, THEM)
    make(ours)
    place = Place(US, "set-1")
    letter = export_set(ours, place, PASSPHRASE)
    for wrong in (Place(US, "set-2"), Place(THEM, "set-1")):
        with pytest.raises(Misconfigured, match="name both as they are"):
            import_set(theirs, wrong, letter, PASSPHRASE)
    stranger = ring(tmp_path, "300000003")
    with pytest.raises(Misconfigured, match="our own links"):
        import_set(stranger, place, letter, PASSPHRASE)
    with pytest.raises(Misconfigured):
        import_set(theirs, place, letter, b"another passphrase")
    for at in range(len(letter) - 420, len(letter), 7):
        changed = bytearray(letter)
        changed[at] ^= 1
        with pytest.raises(Misconfigured):
            import_set(theirs, place, bytes(changed), PASSPHRASE)
    whole = sm2_pbes2.decrypt_pbes2(letter, PASSPHRASE) or b""
    assert b"2027-07-01" in whole
    longer = sm2_pbes2.encrypt_pbes2(whole.replace(b"2027-07-01", b"2037-07-01"), PASSPHRASE)
    with pytest.raises(Misconfigured, match="right passphrase"):
        import_set(theirs, place, longer, PASSPHRASE)
    assert theirs.records() == ()


def test_acc_5_8_a_revoked_set_is_erased_but_for_what_tells_its_holder(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    make(ours)
    before = ours.sets(US, THEM).to_seal(NOW)

    gone = ours.revoke(Place(US, "set-1"))

    assert gone.sealed is None
    (left,) = ours.sets(US, THEM).to_verify(NOW)
    assert left.key.sig_secret == before.sig_secret
    assert left.key.data_secret == left.key.data_secret_iv == bytes(16)
    assert left.state is KeyState.REVOKED
    for refused in (
        lambda: ours.sets(US, THEM).to_seal(NOW),
        lambda: export_set(ours, Place(US, "set-1"), PASSPHRASE),
        lambda: ours.export_private("set-1", PASSPHRASE),
    ):
        with pytest.raises(Misconfigured):
            refused()


def test_a_ring_with_sets_goes_over_to_another_cipher_and_master(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    make(ours)
    make(ours, "set-2")
    kept = ours.opened_set(Place(US, "set-2"))
    ours.revoke(Place(US, "set-1"))
    new = MasterKey(b"n" * 32, Cipher.SM4_GCM)

    ours.reseal(new)

    again = KeyRing(tmp_path / US / "keys.json", new, US)
    assert again.opened_set(Place(US, "set-2")) == kept
    assert len(again.sets(US, THEM).to_verify(NOW)) == 2
    assert {one.cipher for one in again.records()} == {Cipher.SM4_GCM}


def test_a_set_serves_no_other_purpose_and_one_peer_alone(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    for kind, use in (
        (Algorithm.SECRETS, Purpose.SIGN),
        (Algorithm.SECRETS, Purpose.ISSUE),
        (Algorithm.SM2, Purpose.EXCHANGE),
    ):
        with pytest.raises(Misconfigured, match="cannot"):
            ours.new("k", kind, use, peer=THEM, **DATES)
    for nobody in (None, US):
        with pytest.raises(Misconfigured, match="one peer"):
            ours.new("k", Algorithm.SECRETS, Purpose.EXCHANGE, peer=nobody, **DATES)
    make(ours)
    assert len(ours.link(THEM, "gm").own) == len(ours.link(THEM, "intl").own) == 0
    with pytest.raises(Misconfigured, match="certifies nothing"):
        ours.signer("set-1")
    with pytest.raises(Misconfigured, match="leaves with its dates"):
        ours.export_private("set-1", PASSPHRASE)
    with pytest.raises(Misconfigured, match="no public key"):
        ours.import_public(Place(THEM, "k"), Algorithm.SECRETS, Purpose.EXCHANGE, b"", **DATES)


def test_no_more_sets_are_valid_at_a_time_than_are_tried(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    for number in range(MOST_IN_USE):
        make(ours, f"set-{number}", not_before=NOW + number * DAY)
    with pytest.raises(Misconfigured, match="3 sets of 100000001 for 200000002"):
        make(ours, "one-more", not_before=NOW - DAY)
    make(ours, "another-link-s", not_before=NOW - DAY, not_after=NOW + DAY)
    ours.revoke(Place(US, "set-0"))
    make(ours, "one-more", not_before=NOW + 3 * DAY)


def test_the_same_secrets_do_not_come_back_under_another_name(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    ours.keep_set(Place(US, "a"), THEM, four("a"), **DATES)
    ours.revoke(Place(US, "a"))
    with pytest.raises(Misconfigured, match="stand there already"):
        ours.keep_set(Place(US, "b"), THEM, four("a"), **DATES)


@pytest.mark.parametrize("gone", [False, True], ids=["in use", "revoked"])
def test_attack_a_sig_secret_that_was_there_before_does_not_come_back(
    tmp_path: Path, *, gone: bool
) -> None:
    """Two sets that sign alike cannot be told apart: one would decrypt what the other sealed, and
    one that is revoked would speak for both."""
    ours, theirs = ring(tmp_path), ring(tmp_path, THEM)
    for one in (ours, theirs):
        one.keep_set(Place(US, "a"), THEM, four("a"), **DATES)
        if gone:
            one.revoke(Place(US, "a"))
    alike = dataclasses.replace(four("b"), sig_secret=four("a").sig_secret)
    for one in (ours, theirs):
        with pytest.raises(Misconfigured, match="sig_secret stands there already, in set a"):
            one.keep_set(Place(US, "b"), THEM, alike, **DATES)
        assert [each.key_id for each in one.records()] == ["a"]
    # The other direction is told apart by who signs.
    ours.keep_set(Place(THEM, "b"), US, alike, **DATES)
    ours.keep_set(Place(US, "c"), THEM, four("c"), **DATES)


def test_what_is_shown_of_a_set_is_of_all_four_secrets(tmp_path: Path) -> None:
    texts = {name: f"{name:x<16}"[:16] for name in SECRET_NAMES}
    sets = [texts, *({**texts, name: "another text 123"} for name in SECRET_NAMES)]
    rings = [ring(tmp_path / str(number)) for number in range(len(sets))]
    place = Place(US, "k")
    seen = {
        one.keep_set(place, THEM, Secrets.of(**each), **DATES).public
        for one, each in zip(rings, sets, strict=True)
    }
    assert len(seen) == 5


def held(key_id: str, begin: int, end: int, state: KeyState = KeyState.ACTIVE) -> Any:
    secrets = four(key_id)
    parts: dict[str, Any] = {name: getattr(secrets, name) for name in SECRET_NAMES}
    return LinkKey(
        key_id,
        Purpose.EXCHANGE,
        SecretSet(**parts, key_id=key_id),
        NOW + timedelta(seconds=begin),
        NOW + timedelta(seconds=end),
        state,
    )


def test_a_retiring_set_is_used_until_its_successor_is_there() -> None:
    old, new = held("old", 0, 100, KeyState.RETIRING), held("new", 50, 200)
    both, alone = SecretSets(lambda: [old, new]), SecretSets(lambda: [old])
    at = NOW + timedelta(seconds=60, milliseconds=900)
    assert both.to_seal(at).key_id == "new"
    assert both.to_seal(NOW + timedelta(seconds=49.9)).key_id == "old"
    assert both.to_seal(NOW + timedelta(seconds=50.9)).key_id == "new"
    assert alone.to_seal(at).key_id == "old"
    # A time stamp of T/CEC 102 is of whole seconds, and would be before such a set began.
    early = held("new", 50, 200)
    early = dataclasses.replace(early, not_before=early.not_before + timedelta(seconds=0.5))
    assert SecretSets(lambda: [old, early]).to_seal(NOW + timedelta(seconds=50.9)).key_id == "old"
    with pytest.raises(Misconfigured):
        alone.to_seal(NOW + timedelta(seconds=101))


def test_as_many_are_tried_as_was_said_and_those_in_use_first() -> None:
    gone = [held(f"gone{n}", -100 + n, -50 + n) for n in range(4)]
    future = [held(f"new{n}", 500, 600) for n in range(3)]
    dead = held("dead", -10, 900, KeyState.REVOKED)
    live = [held(f"live{n}", n, 900) for n in range(3)]
    tried = SecretSets(lambda: [*gone, *future, dead, *live]).to_verify(NOW + timedelta(seconds=9))
    assert [one.key_id for one in tried] == ["live2", "live1", "live0", "dead", "gone3"]
    assert len(tried) == MOST_IN_USE + MOST_GONE


def test_of_equal_secrets_the_revoked_ones_speak_for_all() -> None:
    live, dead = held("live", 0, 100), held("dead", 0, 100, KeyState.REVOKED)
    assert is_usable([live], NOW)
    assert not is_usable([live, dead], NOW)
    assert not is_usable([], NOW)


class Link:
    """An issuer and a user, each with a ring; a new set comes to the user ``late``, and what is
    told of one that it has at once."""

    def __init__(self, folder: Path, late: timedelta) -> None:
        self.ours, self.theirs = ring(folder, US), ring(folder, THEM)
        self.now, self._late = NOW, late
        self._under_way: list[tuple[datetime, str]] = []
        make(self.ours)
        self._carry("set-1")
        self._newest = 1

    def rotate(self, *, at_once: bool) -> None:
        old, new = f"set-{self._newest}", f"set-{self._newest + 1}"
        how: dict[str, Any] = {"life": YEAR, "overlap": OVERLAP, "at_once": at_once}
        with suppress(Misconfigured):
            # Refused, with nothing changed, where too many would be valid at a time.
            self.ours.rotate(old, new, now=self.now, **how)
            self._newest += 1
            self._under_way.append((self.now + self._late, new))
            self._tell(old)

    def revoke(self) -> None:
        """The oldest in use, where it is not the only one."""
        if len(names := self.in_use()) > 1:
            self.ours.revoke(Place(US, names[0]))
            self._tell(names[0])

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for due, name in list(self._under_way):
            if due <= self.now:
                self._under_way.remove((due, name))
                if name in self.in_use():
                    self._carry(name)
                    self._tell(name)

    def in_use(self) -> list[str]:
        return [one.key_id for one in self.ours.records() if one.state is not KeyState.REVOKED]

    def _carry(self, key_id: str) -> None:
        made, place = self.ours.record(Place(US, key_id)), Place(US, key_id)
        dates = {"not_before": made.not_before, "not_after": made.not_after}
        self.theirs.keep_set(place, THEM, self.ours.opened_set(place), **dates)

    def _tell(self, key_id: str) -> None:
        one = self.ours.record(Place(US, key_id))
        told = Told(one.state, one.not_after, fingerprint_of(one.public), None)
        with suppress(Misconfigured):
            # Of a set that is still under way.
            self.theirs.follow(Place(US, key_id), told)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["rotate", "at once", "revoke", "wait"]), st.integers(0, 40)),
    max_size=9,
)


@given(CHANGES, st.integers(0, 60))
@settings(max_examples=25)
def test_f83_any_order_of_rotations_leaves_what_the_user_seals_acceptable(
    changes: list[tuple[str, int]], late_s: int
) -> None:
    """Whatever the user can seal is of a set that the issuer takes, known by its signature alone;
    and what a set seals that was revoked is refused."""
    with TemporaryDirectory() as folder:
        link = Link(Path(folder), timedelta(seconds=late_s))
        acts: dict[str, Callable[[], None]] = {
            "rotate": lambda: link.rotate(at_once=False),
            "at once": lambda: link.rotate(at_once=True),
            "revoke": link.revoke,
            "wait": lambda: None,
        }
        for what, wait_s in changes:
            acts[what]()
            link.wait(wait_s if what == "wait" else 0)
            _holds(link)


def _holds(link: Link) -> None:
    tried = link.ours.sets(US, THEM).to_verify(link.now)
    gone = [one for one in tried if one.key_id not in link.in_use()]
    assert not any(is_usable([one], link.now) for one in gone)
    try:
        sealing = link.theirs.sets(US, THEM).to_seal(link.now)
    except Misconfigured:
        # What it had was revoked, and the successor is under way or has not begun.
        assert any(one.state is KeyState.REVOKED for one in link.theirs.records())
        return
    message = str(link.now).encode()
    for suite in SUITES.values():
        signature = suite.sign(sealing, message)
        fitting = [one for one in tried if suite.sign(one.key, message) == signature]
        assert [one.key_id for one in fitting] == [sealing.key_id]
        assert is_usable(fitting, link.now)


def test_names_of_secrets_are_not_in_what_is_shown(tmp_path: Path) -> None:
    ours = ring(tmp_path)
    make(ours)
    shown = repr((ours.sets(US, THEM), ours.sets(US, THEM).to_verify(NOW)))
    assert not re.search("secret_|sig|data", shown)
