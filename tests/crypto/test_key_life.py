"""What the word of its owner makes of a key in the ring, whatever comes when. ACC-5.8."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.crypto.rings import NOW, THEM, YEAR
from vgigw.crypto.key_algorithms import Algorithm, fingerprint_of
from vgigw.crypto.key_life import Told, followed
from vgigw.crypto.key_ring_changes import Place, Records
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.errors import Misconfigured

PLACE = Place(THEM, "s")
RANK = {KeyState.PENDING: 0, KeyState.ACTIVE: 1, KeyState.RETIRING: 2, KeyState.REVOKED: 3}
RECORD = KeyRecord(
    party=THEM,
    key_id="s",
    algorithm=Algorithm.ED25519,
    purpose=Purpose.SIGN,
    not_before=NOW,
    not_after=NOW + YEAR,
    public=b"a key",
)
OTHER = replace(RECORD, key_id="t", public=b"another")


def told(state: KeyState, days: int = 365, public: bytes = b"a key", *, offer: bool = True) -> Told:
    end = NOW + timedelta(days=days)
    record = replace(RECORD, public=public, state=state, not_after=max(end, NOW + timedelta(1)))
    return Told(state, end, fingerprint_of(public), record if offer else None)


notices = st.builds(told, st.sampled_from(KeyState), st.integers(-10, 400), offer=st.booleans())


@given(st.sampled_from(KeyState), st.lists(notices, max_size=6))
def test_a_key_goes_forward_and_lives_no_longer(state: KeyState, said: list[Told]) -> None:
    records: Records = (replace(RECORD, state=state, sealed=None), OTHER)
    for each in said:
        before, records = records, followed(records, PLACE, each)
        old, new = before[0], records[0]
        assert RANK[new.state] >= RANK[old.state]
        assert new.not_before == old.not_before < new.not_after <= old.not_after
        assert (new.public, new.algorithm, new.purpose) == (old.public, old.algorithm, old.purpose)
        assert records[1] is OTHER
        assert (records is before) == (records == before)


@given(st.lists(notices, max_size=6))
def test_once_revoked_is_revoked_whatever_comes(said: list[Told]) -> None:
    records = followed((RECORD,), PLACE, told(KeyState.REVOKED))
    for each in said:
        records = followed(records, PLACE, each)
    assert records[0].state is KeyState.REVOKED


@pytest.mark.parametrize("state", list(KeyState))
def test_another_key_never_takes_the_name(state: KeyState) -> None:
    with pytest.raises(Misconfigured, match="another key is known"):
        followed((RECORD,), PLACE, told(state, public=b"another"))


@pytest.mark.parametrize("state", list(KeyState))
def test_key_that_is_not_there_comes_as_it_was_told(state: KeyState) -> None:
    if state is KeyState.REVOKED:
        assert followed((OTHER,), PLACE, told(state)) == (OTHER,)
        return
    assert followed((OTHER,), PLACE, told(state))[1].state is state
    with pytest.raises(Misconfigured, match="did not come along"):
        followed((OTHER,), PLACE, told(state, offer=False))


def test_each_word_has_its_effect() -> None:
    pending = replace(RECORD, state=KeyState.PENDING)
    assert followed((pending,), PLACE, told(KeyState.ACTIVE))[0].state is KeyState.ACTIVE
    retiring = followed((RECORD,), PLACE, told(KeyState.RETIRING, 30))[0]
    assert (retiring.state, retiring.not_after) == (KeyState.RETIRING, NOW + timedelta(days=30))
    revoked = followed((replace(RECORD, sealed=b"x"),), PLACE, told(KeyState.REVOKED))[0]
    assert (revoked.state, revoked.sealed) == (KeyState.REVOKED, None)


@pytest.mark.parametrize("state", list(KeyState))
def test_attack_no_notice_of_a_party_touches_an_authority_that_vouches_for_it(
    state: KeyState,
) -> None:
    """Who holds a key of the party could else take away those who say which keys are its own."""
    trusted = replace(RECORD, purpose=Purpose.ISSUE)
    with pytest.raises(Misconfigured, match="by our own operator alone"):
        followed((trusted,), PLACE, told(state))
