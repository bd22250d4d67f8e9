"""Under which identifier an object of one party is told to another: its own, unless it is taken.

AlarmID, NoticeID and ApplicationID are chosen by whoever says them. Two parties may choose the same
one; neither may hide what the other says, and neither learns that there is another. PLT-8.12.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from vgigw.codec.packing import pack
from vgigw.errors import Conflict
from vgigw.ports import Document, Transaction, View

_LENGTH = 40


class NamesTold:
    """The identifiers of one ``kind``, each given once and for ever."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def give(self, owner: str, own_name: str, tx: Transaction, now: datetime) -> str:
        """The identifier of ``owner``'s object ``own_name`` towards others; it is kept."""
        given = tx.document(self._kind, owner, own_name)
        if given is not None:
            return given.group
        name = own_name
        while tx.count_documents(self._kind, group=name):
            name = hashlib.sha256(f"{owner}/{name}".encode()).hexdigest()[:_LENGTH]
        document = Document(
            kind=self._kind,
            owner=owner,
            key=own_name,
            version=1,
            group=name,
            payload=pack(b""),
            digest="",
            at=now,
        )
        tx.put(document)
        return name

    def claim(self, owner: str, own_name: str, tx: Transaction, now: datetime) -> None:
        """As :meth:`give`, for what its owner says itself. Raises ``Conflict`` where the identifier
        is taken: another one is needed."""
        if self.give(owner, own_name, tx, now) != own_name:
            raise Conflict("the identifier is taken")

    def told(self, owner: str, own_name: str, view: View) -> str:
        """As :meth:`give`, of an object that was told."""
        given = view.document(self._kind, owner, own_name)
        return own_name if given is None else given.group

    def meant(self, name: str, view: View) -> tuple[str, str] | None:
        """Owner and own identifier of the object that is told as ``name``."""
        for given in view.documents(self._kind, group=name, limit=1):
            return given.owner, given.key
        return None
