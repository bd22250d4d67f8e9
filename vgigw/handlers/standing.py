"""Where a party stands: how far its access has come, and how far its data are distrusted.

PLT-8.7b, PLT-8.11. One small document a party, so that the gate reads one row a message.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.ports import Document, Identity, Peer, Transaction, View
from vgigw.rules.access import ACCESS, AccessEvent, AccessStage
from vgigw.rules.distrust import CUT_OFF, DISTRUST, Distrust, DistrustEvent

STANDING = "Standing"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A party's standing; ``application_id`` is the access application that counts, ``networks``
    and ``certificates`` are what was approved with it beside those of the configuration."""

    party_id: str
    stage: AccessStage = AccessStage.CONFIGURED
    distrust: Distrust = Distrust.TRUSTED
    application_id: str = ""
    networks: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()

    @property
    def cut_off(self) -> bool:
        """Whether the data link is cut by a sanction. PLT-8.7b."""
        return self.distrust in CUT_OFF


def found_standing(view: View, party: str) -> Standing | None:
    """What is kept of ``party``; None where nobody ever decided on it."""
    held = view.document(STANDING, party, party)
    return None if held is None else msgspec.json.decode(unpack(held.payload), type=Standing)


def first_standing(party: str, peer: Peer | None) -> Standing:
    """Of a party on which nobody decided yet: one that the configuration does not approve has to
    apply for its access first. PLT-8.11a."""
    held = peer is not None and not peer.approved
    return Standing(party_id=party, stage=AccessStage.HELD if held else AccessStage.CONFIGURED)


def standing_of(view: View, identity: Identity, party: str) -> Standing:
    """The standing of ``party``; its first one where nothing is kept."""
    return found_standing(view, party) or first_standing(party, identity.peers.get(party))


def save_standing(standing: Standing, tx: Transaction, now: datetime) -> None:
    """Every change is a version of its own."""
    party = standing.party_id
    held = tx.document(STANDING, party, party)
    document = Document(
        kind=STANDING,
        owner=party,
        key=party,
        version=held.version + 1 if held else 1,
        payload=pack(msgspec.json.encode(standing)),
        digest="",
        at=now,
    )
    tx.put(document)


def distrust(
    identity: Identity, party: str, event: DistrustEvent, tx: Transaction, now: datetime
) -> Standing:
    """The standing after ``event``, kept. A removal ends the access, too.

    Raises ``IllegalState`` for a step that the one before it does not allow. Called with
    ``SUSPECT`` by whoever detects, ``APPEAL`` and ``EXPLAIN`` by what the party says to its
    defence; what cuts or restores a link is a person's act alone. PLT-8.7b.
    """
    before = standing_of(tx, identity, party)
    stage = before.stage
    if event is DistrustEvent.REMOVE:
        stage = ACCESS.advance(stage, AccessEvent.REMOVE)
    state = DISTRUST.advance(before.distrust, event)
    after = msgspec.structs.replace(before, distrust=state, stage=stage)
    if after != before:
        save_standing(after, tx, now)
    return after


def hear_defence(
    identity: Identity, party: str, event: DistrustEvent, tx: Transaction, now: datetime
) -> None:
    """An explanation or an appeal came: heard of a party that somebody decided on. PLT-8.7b."""
    if found_standing(tx, party) is not None:
        distrust(identity, party, event, tx, now)


def hold_access(identity: Identity, party: str, tx: Transaction, now: datetime) -> Standing:
    """The network of ``party`` changed: hold it until a new application is approved. PLT-8.11b."""
    before = standing_of(tx, identity, party)
    stage = ACCESS.advance(before.stage, AccessEvent.NETWORK_CHANGE)
    after = msgspec.structs.replace(before, stage=stage)
    if after != before:
        save_standing(after, tx, now)
    return after
