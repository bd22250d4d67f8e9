"""What of our own was told to whom: another party that asks for it gets what is not there.

PLT-8.12. A session or an order is ours, and concerns the parties that we tell of it only.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.codec.packing import pack
from vgigw.objects import InformationObject
from vgigw.ports import Document, Transaction, View


class Told:
    """The keys of objects of ``cls`` that each party was told, found by key and by group."""

    def __init__(self, cls: type[InformationObject]) -> None:
        self._kind = f"Told{cls.__name__}"

    def tell(self, tx: Transaction, party: str, key: str, now: datetime, group: str = "") -> None:
        """From now on ``party`` knows of ``key``."""
        if self.knows(tx, party, key):
            return
        document = Document(
            kind=self._kind,
            owner=party,
            key=key,
            version=1,
            group=group,
            payload=pack(b""),
            digest="",
            at=now,
        )
        tx.put(document)

    def knows(self, view: View, party: str, key: str) -> bool:
        """Whether ``party`` was told of ``key``."""
        return view.document(self._kind, party, key) is not None

    def count(self, view: View, party: str, group: str) -> int:
        """How many keys of ``group`` it was told."""
        return view.count_documents(self._kind, owner=party, group=group)

    def keys(self, view: View, party: str, group: str) -> list[str]:
        """Every key of ``group`` that it was told."""
        return [each.key for each in view.documents(self._kind, owner=party, group=group)]
