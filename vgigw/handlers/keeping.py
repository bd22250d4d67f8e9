"""Objects in and out of documents: packed canonical form, and back."""

from __future__ import annotations

from typing import TypeVar

from vgigw.codec import json
from vgigw.codec.packing import pack, unpack
from vgigw.objects import InformationObject
from vgigw.ports import Call, Document

Kept = TypeVar("Kept", bound=InformationObject)


def document_of(
    call: Call, kind: str, owner: str, key: str, version: int, group: str = ""
) -> Document:
    """The request of ``call`` as a document."""
    return Document(
        kind=kind,
        owner=owner,
        key=key,
        version=version,
        group=group,
        payload=call.packed,
        digest=call.digest,
        at=call.now,
        assumed=call.assumed,
    )


def object_of(cls: type[Kept], payload: bytes) -> Kept:
    """The object that a document or a journal row holds."""
    return json.decode(cls, unpack(payload))


def packed(obj: InformationObject) -> tuple[bytes, str]:
    """Packed canonical form and digest of an object that did not come by a call."""
    canonical = json.encode(obj)
    return pack(canonical), json.digest(canonical)
