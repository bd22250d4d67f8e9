"""A shelf: the documents of one kind, by owner and key, newest version in force, history kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from vgigw.errors import Conflict, OverLimit, UnknownObject, VersionConflict
from vgigw.handlers.keeping import document_of, object_of, packed
from vgigw.objects import InformationObject
from vgigw.ports import Call, Document, Transaction, View

T = TypeVar("T", bound=InformationObject)

PAGE_SIZE = 10
"""Items a page where the query does not say. 102."""

_MOST_LOOKED_AT = 20_000
_AT_A_TIME = 1000


class Slice(msgspec.Struct, frozen=True):
    """One page: its number, how many there are, how many items in all, and the items on it."""

    page_no: int
    page_count: int
    item_size: int
    items: tuple[Any, ...]


class Shelf(Generic[T]):
    """Documents of ``cls``: ``key`` identifies one among its owner's.

    ``version`` is the attribute that rises, None where an object is said once and stays;
    ``group`` is what documents are found by besides their key.
    """

    def __init__(
        self,
        cls: type[T],
        *,
        key: str | tuple[str, ...],
        version: str | None = "version",
        group: str = "",
    ) -> None:
        self.cls = cls
        self.kind = cls.__name__
        self._key = (key,) if isinstance(key, str) else key
        self._version = version
        self._group = group

    def take(self, call: Call, tx: Transaction, owner: str, *, group: str | None = None) -> None:
        """Keep the request of ``call``, in ``group`` where that is no member of it. Raises
        ``VersionConflict`` for an older version or one that the caller did not expect, ``Conflict``
        for other content under the same key."""
        request: T = call.request
        key = self.key_of(request)
        held = tx.document(self.kind, owner, key)
        if call.expected_version is not None:
            present = held.version if held else 0
            if present != call.expected_version:
                raise VersionConflict(f"version {present} is held")
        version = self._check(held, self._version_of(request), call.digest)
        group = self._group_of(request) if group is None else group
        tx.put(document_of(call, self.kind, owner, key, version, group))

    def keep(
        self, obj: T, owner: str, tx: Transaction, now: datetime, *, group: str | None = None
    ) -> None:
        """Keep an object that did not come by a call; raises as :meth:`take`."""
        payload, digest = packed(obj)
        key = self.key_of(obj)
        held = tx.document(self.kind, owner, key)
        version = self._check(held, self._version_of(obj), digest)
        document = self._document(obj, owner, version, payload, digest, now)
        tx.put(document if group is None else msgspec.structs.replace(document, group=group))

    def renew(self, obj: T, owner: str, tx: Transaction, now: datetime) -> None:
        """Keep the next state of an object whose content is ours to change, as a version more."""
        payload, digest = packed(obj)
        held = tx.document(self.kind, owner, self.key_of(obj))
        version = held.version + 1 if held else 1
        tx.put(self._document(obj, owner, version, payload, digest, now))

    def find(self, view: View, owner: str, key: str) -> T | None:
        """The object in force of ``owner``."""
        held = view.document(self.kind, owner, key)
        return None if held is None else object_of(self.cls, held.payload)

    def get(self, view: View, owner: str, key: str) -> T:
        """As :meth:`find`. Raises ``UnknownObject``: a foreign one does not exist, either."""
        found = self.find(view, owner, key)
        if found is None:
            raise UnknownObject()
        return found

    def everywhere(
        self, view: View, key: str | None = None, *, group: str | None = None
    ) -> list[tuple[str, T]]:
        """Owner and object of every party's document under ``key`` or in ``group``."""
        found = view.documents(self.kind, key=key, group=group)
        return [(each.owner, object_of(self.cls, each.payload)) for each in found]

    def all(
        self,
        view: View,
        *,
        owner: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
    ) -> list[T]:
        """Objects in force, by owner and key. Raises ``OverLimit`` where these are over 20,000:
        nobody else is served while they are looked through."""
        found = view.documents(
            self.kind, owner=owner, group=group, since=since, limit=_MOST_LOOKED_AT + 1
        )
        if len(found) > _MOST_LOOKED_AT:
            raise OverLimit("too much to look through, ask for less at a time")
        return [object_of(self.cls, each.payload) for each in found]

    def walk(
        self,
        view: View,
        *,
        owner: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
    ) -> Iterator[T]:
        """As :meth:`all`, of a history that grows for ever: read piece by piece, and no number of
        documents is too many."""
        for offset in itertools.count(0, _AT_A_TIME):
            found = view.documents(
                self.kind, owner=owner, group=group, since=since, offset=offset, limit=_AT_A_TIME
            )
            for each in found:
                yield object_of(self.cls, each.payload)
            if len(found) < _AT_A_TIME:
                return

    def page(
        self,
        view: View,
        query: Any,
        owner: str | None,
        *,
        key: str | None = None,
        where: Callable[[T], bool] | None = None,
    ) -> Slice:
        """One page of what ``query`` (PageNo, PageSize, LastQueryTime) asks for."""
        since = getattr(query, "last_query_time", None)
        number, size = query.page_no or 1, query.page_size or PAGE_SIZE
        first = (number - 1) * size
        if where is not None:
            found = filter(where, self.walk(view, owner=owner, since=since))
            before = sum(1 for _ in itertools.islice(found, first))
            items = tuple(itertools.islice(found, size))
            in_all = before + len(items) + sum(1 for _ in found)
        else:
            in_all = view.count_documents(self.kind, owner=owner, key=key, since=since)
            documents = view.documents(
                self.kind, owner=owner, key=key, since=since, offset=first, limit=size
            )
            items = tuple(object_of(self.cls, each.payload) for each in documents)
        return Slice(number, -(-in_all // size), in_all, items)

    def key_of(self, obj: T) -> str:
        """What identifies ``obj`` among its owner's."""
        return "/".join(str(getattr(obj, name)) for name in self._key)

    def _check(self, held: Document | None, version: int, digest: str) -> int:
        """The version to keep under."""
        if held is not None and held.digest != digest:
            if self._version is None:
                raise Conflict()
            if held.version >= version:
                raise VersionConflict(f"version {held.version} is held")
        return version

    def _version_of(self, obj: T) -> int:
        return 1 if self._version is None else int(getattr(obj, self._version))

    def _group_of(self, obj: T) -> str:
        return str(getattr(obj, self._group) or "") if self._group else ""

    def _document(
        self, obj: T, owner: str, version: int, payload: bytes, digest: str, now: datetime
    ) -> Document:
        return Document(
            kind=self.kind,
            owner=owner,
            key=self.key_of(obj),
            version=version,
            group=self._group_of(obj),
            payload=payload,
            digest=digest,
            at=now,
        )
