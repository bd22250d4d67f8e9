"""Objects in and out of documents: packed canonical form, and back."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

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


def call_with(call: Call, request: InformationObject) -> Call:
    """``call`` with another request in its place, to be kept and passed on."""
    if request is call.request:
        return call
    canonical = json.encode(request)
    return replace(
        call,
        request=request,
        canonical=canonical,
        packed=pack(canonical),
        digest=json.digest(canonical),
    )


def object_of(cls: type[Kept], payload: bytes) -> Kept:
    """The object that a document or a journal row holds."""
    return json.decode(cls, unpack(payload))


def packed(obj: InformationObject) -> tuple[bytes, str]:
    """Packed canonical form and digest of an object that did not come by a call."""
    canonical = json.encode(obj)
    return pack(canonical), json.digest(canonical)
