"""The state of each party's link, by its beats and by those that did not come. PLT-9.4."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.marks import chore
from vgigw.handlers.standing import found_standing
from vgigw.objects.operating_enumerations import ChannelRole, LinkState
from vgigw.ports import Document, Identity, Transaction, View
from vgigw.rules.access import SHUT
from vgigw.rules.link import LinkRecord, LinkStage, heard, watched

_KIND = "LinkRecord"
_WATCHED = "watched"


class Links:
    """The chore that misses beats."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @chore
    def miss_beats(self, tx: Transaction, now: datetime) -> None:
        """Chore: links whose beats did not come change their state."""
        for document in tx.documents(_KIND, group=_WATCHED):
            link = _read(document)
            after = watched(link, now)
            if after is not link:
                _save(document.owner, after, tx, now)


def beat_heard(party: str, role: ChannelRole, tx: Transaction, now: datetime) -> LinkState:
    """How we see the link of ``party`` after its beat; what cut it off or holds it goes before."""
    link = heard(link_of(tx, party), role, now)
    _save(party, link, tx, now)
    standing = found_standing(tx, party)
    if standing is not None and (standing.cut_off or standing.stage in SHUT):
        return LinkState.SUSPENDED
    return link.state


def link_of(view: View, party: str) -> LinkRecord | None:
    """The link of ``party``; None before its first beat."""
    document = view.document(_KIND, party, party)
    return None if document is None else _read(document)


def _read(document: Document) -> LinkRecord:
    return msgspec.json.decode(unpack(document.payload), type=LinkRecord)


def _save(party: str, link: LinkRecord, tx: Transaction, now: datetime) -> None:
    """A link has no history. One that is down changes by a beat only and is not looked at."""
    document = Document(
        kind=_KIND,
        owner=party,
        key=party,
        version=1,
        group="" if link.stage is LinkStage.SWITCHING else _WATCHED,
        payload=pack(msgspec.json.encode(link)),
        digest="",
        at=now,
    )
    tx.put(document)
