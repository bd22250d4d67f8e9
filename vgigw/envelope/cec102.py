"""Seal and unseal in the T/CEC 102 framing: JSON envelope, ciphertext in Data, MAC in Sig.

A request's signature covers OperatorID + Data + TimeStamp + Seq, an answer's Ret + Msg + Data, as
values only, without separators, and Data as it stands on the wire. ACC-5.3, ACC-5.4, ACC-5.5.
"""

from __future__ import annotations

import binascii
import hashlib
from typing import NamedTuple

import msgspec

from vgigw.crypto.suite import Secrets, Suite
from vgigw.errors import Detail, Malformed, NotDecrypted, NotGenuine
from vgigw.objects import Envelope, EnvelopeReply, FaultItem

_REQUEST = msgspec.json.Decoder(Envelope)
_REPLY = msgspec.json.Decoder(EnvelopeReply)
_ANY = msgspec.json.Decoder()
_WIDTHS = {"OperatorID": (9, 18), "TimeStamp": (14, 14), "Seq": (4, 4), "Sig": (1, 1024)}


class _Details(msgspec.Struct):
    details: tuple[FaultItem, ...] = msgspec.field(name="Details")


class Reply(NamedTuple):
    """An opened answer; ``plaintext`` is empty where Data was."""

    ret: int
    msg: str
    plaintext: bytes


def read_request(body: bytes) -> Envelope:
    """The envelope of a request, checked for form. Raises ``Malformed`` naming the members."""
    try:
        envelope = _REQUEST.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise _explain(body) from cause
    if not (envelope.seq.isascii() and envelope.seq.isdigit()):
        raise Malformed(details=(Detail("/Seq", "format", "four digits"),))
    return envelope


def _explain(body: bytes) -> Malformed:
    try:
        document = _ANY.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return Malformed("the body is not JSON in UTF-8")
    if not isinstance(document, dict):
        return Malformed("the body is not a JSON object")
    details = []
    for name in ("OperatorID", "Data", "TimeStamp", "Seq", "Sig"):
        value = document.get(name)
        least, most = _WIDTHS.get(name, (0, 16_777_216))
        if value is None:
            details.append(Detail(f"/{name}", "required", "missing"))
        elif not isinstance(value, str):
            details.append(Detail(f"/{name}", "type", "text is expected"))
        elif len(value) < least:
            details.append(Detail(f"/{name}", "too_short", f"at least {least} characters"))
        elif len(value) > most:
            details.append(Detail(f"/{name}", "too_long", f"at most {most} characters"))
    return Malformed("an envelope member is missing or wrong", tuple(details))


def signed_text(envelope: Envelope) -> bytes:
    """What the signature of a request covers."""
    text = f"{envelope.operator_id}{envelope.data}{envelope.time_stamp}{envelope.seq}"
    return text.encode()


def guard_of(signed: bytes) -> bytes:
    """Digest by which a repeat of the whole envelope is known. Q32."""
    return hashlib.sha256(signed).digest()


def open_data(data: str, suite: Suite, secrets: Secrets) -> bytes:
    """Plaintext of Data; line breaks inside the base64 are tolerated. Raises ``NotDecrypted``."""
    try:
        ciphertext = msgspec.convert(data, bytes)
    except msgspec.ValidationError:
        try:
            ciphertext = binascii.a2b_base64("".join(data.split()).encode(), strict_mode=True)
        except (ValueError, UnicodeError) as cause:
            raise NotDecrypted() from cause
    return suite.decrypt(secrets, ciphertext)


def seal_request(
    suite: Suite,
    secrets: Secrets,
    operator_id: str,
    plaintext: bytes,
    time_stamp: str,
    seq: str,
) -> bytes:
    """The JSON envelope of a request."""
    data = _base64(suite.encrypt(secrets, plaintext))
    unsigned = Envelope(operator_id=operator_id, data=data, time_stamp=time_stamp, seq=seq, sig="")
    sig = suite.sign(secrets, signed_text(unsigned))
    return msgspec.json.encode(msgspec.structs.replace(unsigned, sig=sig))


def seal_reply(suite: Suite, secrets: Secrets, ret: int, msg: str, plaintext: bytes) -> bytes:
    """The JSON envelope of an answer; empty ``plaintext`` gives an empty Data."""
    data = _base64(suite.encrypt(secrets, plaintext)) if plaintext else ""
    sig = suite.sign(secrets, f"{ret}{msg}{data}".encode())
    return msgspec.json.encode(EnvelopeReply(ret=ret, msg=msg, data=data, sig=sig))


def unsealed_reply(ret: int, msg: str, details: tuple[Detail, ...]) -> bytes:
    """An answer to somebody who was not found genuine: no key to sign it with.

    Details then speak of the envelope alone, and stand beside the members of the protocol.
    """
    document = msgspec.to_builtins(EnvelopeReply(ret=ret, msg=msg))
    if details:
        document["Details"] = _items(details)
    return msgspec.json.encode(document)


def details_of(details: tuple[Detail, ...]) -> bytes:
    """Plaintext of the Data of a refusal: ``{"Details": [...]}``, or nothing."""
    return msgspec.json.encode({"Details": _items(details)}) if details else b""


def read_details(plaintext: bytes) -> tuple[Detail, ...]:
    """The list of a refusal again; empty where a peer of another make sent something else."""
    try:
        document = msgspec.json.decode(plaintext, type=_Details)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ()
    return tuple(Detail(item.path, item.code, item.message) for item in document.details)


def _items(details: tuple[Detail, ...]) -> list[dict[str, str]]:
    return [{"Path": d.path, "Code": d.code, "Message": d.message} for d in details]


def open_reply(suite: Suite, secrets: Secrets, body: bytes) -> Reply:
    """An answer, its signature checked. Raises ``Malformed``, ``NotGenuine``, ``NotDecrypted``."""
    try:
        reply = _REPLY.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise Malformed("the answer is not a T/CEC 102 envelope") from cause
    if not reply.sig:
        raise NotGenuine("the answer is not signed")
    suite.verify(secrets, f"{reply.ret}{reply.msg}{reply.data}".encode(), reply.sig)
    plaintext = open_data(reply.data, suite, secrets) if reply.data else b""
    return Reply(reply.ret, reply.msg, plaintext)


def _base64(ciphertext: bytes) -> str:
    return binascii.b2a_base64(ciphertext, newline=False).decode()
