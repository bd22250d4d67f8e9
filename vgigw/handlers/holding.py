"""Holding a party by hand, by a person who is named and stands in the audit. PLT-8.11b, PLT-7.10d.

One person does: whoever sees a network change may have to act at once, and it takes two to undo it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.audit import Audit, Entry
from vgigw.handlers.standing import hold_access
from vgigw.ports import Identity, Transaction
from vgigw.rules.persons import persons_of

HOLD: Final = "HoldAccess"
"""The act in the audit."""


class Held(msgspec.Struct, frozen=True):
    """That ``peer`` is held, and by whom."""

    peer: str
    by: tuple[str, ...]


def hold_by_hand(
    identity: Identity, party: str, names: Iterable[str], tx: Transaction, now: datetime
) -> Held:
    """Hold the access of ``party``, and write an entry of the audit for each person.

    Raises ``InvalidObject`` where nobody is named. A party that is held already stays so, and one
    that was removed stays removed.
    """
    persons = persons_of(names)
    if not persons:
        words = "a hold by hand needs the person who holds; PLT-8.11b"
        raise InvalidObject(words, details=(Detail("/By", "rule", words),))
    hold_access(identity, party, tx, now)
    audit = Audit(identity)
    for name in persons:
        audit.note(Entry(name[:64], identity.role.value, HOLD, party, 0), tx, now)
    return Held(party, persons)
