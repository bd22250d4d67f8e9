"""Seal and unseal in the T/CEC 102 framing: JSON envelope, ciphertext in Data, MAC in Sig.

A request's signature covers OperatorID + Data + TimeStamp + Seq, an answer's Ret + Msg + Data, as
values only, without separators, and Data as it stands on the wire. ACC-5.3, ACC-5.4, ACC-5.5.
With private keys an answer's covers the length of each before it: 40 and "1x" is not 401 and "x".
"""

from __future__ import annotations

import binascii
import hashlib
import re
from typing import Any, Final, NamedTuple

import msgspec

from vgigw.codec import json
from vgigw.codec.dialect import Framing
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite, Secrets
from vgigw.errors import Detail, Malformed, NotDecrypted, NotGenuine
from vgigw.objects import Envelope, EnvelopeReply, FaultItem
from vgigw.rules.freshness import parse_time_stamp

_REQUEST = msgspec.json.Decoder(Envelope)
_REPLY = msgspec.json.Decoder(EnvelopeReply)
_ANY = msgspec.json.Decoder()
_TABLE = msgspec.json.Decoder(dict[str, Any])
_WIDTHS = {"OperatorID": (9, 18), "TimeStamp": (14, 14), "Seq": (4, 4), "Sig": (1, 1024)}
_HEX = re.compile(r"[0-9A-Fa-f]+")
_STRICT: Final = Framing()


class _Details(msgspec.Struct):
    details: tuple[FaultItem, ...] = msgspec.field(name="Details")


class Reply(NamedTuple):
    """An opened answer; ``plaintext`` is empty where Data was."""

    ret: int
    msg: str
    plaintext: bytes


def read_request(body: bytes, seq_digits: tuple[int, int] = _STRICT.seq_digits) -> Envelope:
    """The envelope of a request, checked for form. Raises ``Malformed`` naming the members."""
    try:
        envelope = _REQUEST.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        tolerated = _of_other_width(body) if seq_digits != _STRICT.seq_digits else None
        if tolerated is None:
            raise _explain(body) from cause
        envelope = tolerated
    check_seq(envelope.seq, seq_digits)
    return envelope


def check_seq(seq: str, seq_digits: tuple[int, int]) -> None:
    """Raise ``Malformed`` unless ``seq`` is so many digits, the least and the most."""
    least, most = seq_digits
    if not (seq.isascii() and seq.isdigit() and least <= len(seq) <= most):
        many = "four" if least == most == 4 else f"{least} to {most}"
        raise Malformed(details=(Detail("/Seq", "format", f"{many} digits"),))


def _of_other_width(body: bytes) -> Envelope | None:
    """An envelope whose Seq alone has another width than four; None if that is not it."""
    if json.crowded(body):
        return None
    try:
        document = _TABLE.decode(body)
        envelope = msgspec.convert(document | {"Seq": "0001"}, Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    seq = document.get("Seq")
    return msgspec.structs.replace(envelope, seq=seq) if isinstance(seq, str) else None


def _explain(body: bytes) -> Malformed:
    if json.crowded(body):
        return Malformed("the body is not a T/CEC 102 envelope, or holds too much beside it")
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


def exchange_of(envelope: Envelope, operation: str, receiver: str) -> Exchange:
    """What a request is about, where the time stamp and the number of it are its time and nonce."""
    sent_at = parse_time_stamp(envelope.time_stamp)
    return Exchange(operation, envelope.operator_id, receiver, sent_at, envelope.seq)


def guard_of(signed: bytes) -> bytes:
    """Digest by which a repeat of the whole envelope is known. Q32."""
    return hashlib.sha256(signed).digest()


def open_data(data: str, suite: AnySuite, keys: AnyKeys) -> bytes:
    """Plaintext of Data; line breaks inside the base64 are tolerated. Raises ``NotDecrypted``."""
    try:
        ciphertext = msgspec.convert(data, bytes)
    except msgspec.ValidationError:
        try:
            ciphertext = binascii.a2b_base64("".join(data.split()).encode(), strict_mode=True)
        except (ValueError, UnicodeError) as cause:
            raise NotDecrypted() from cause
    return suite.decrypt(keys, ciphertext)


def verify(
    suite: AnySuite, keys: AnyKeys, signed: bytes, sig: str, framing: Framing = _STRICT
) -> None:
    """Raise ``NotGenuine`` unless ``sig`` is the suite's signature of ``signed``."""
    if framing.any_case_sig and _HEX.fullmatch(sig):
        sig = sig.upper()
    suite.verify(keys, signed, sig)


def seal_request(
    suite: AnySuite,
    keys: AnyKeys,
    operator_id: str,
    plaintext: bytes,
    time_stamp: str,
    seq: str,
    framing: Framing = _STRICT,
) -> bytes:
    """The JSON envelope of a request; ``seq`` is written as it is."""
    sealed = sealed_request(suite, keys, operator_id, plaintext, time_stamp, seq, framing)
    return msgspec.json.encode(sealed)


def sealed_request(
    suite: AnySuite,
    keys: AnyKeys,
    operator_id: str,
    plaintext: bytes,
    time_stamp: str,
    seq: str,
    framing: Framing = _STRICT,
) -> Envelope:
    """The envelope of a request before it is written."""
    data = _base64(suite.encrypt(keys, plaintext), framing)
    unsigned = Envelope(operator_id=operator_id, data=data, time_stamp=time_stamp, seq=seq, sig="")
    sig = suite.sign(keys, signed_text(unsigned))
    return msgspec.structs.replace(unsigned, sig=sig)


def seal_reply(
    suite: AnySuite,
    keys: AnyKeys,
    ret: int,
    msg: str,
    plaintext: bytes,
    framing: Framing = _STRICT,
) -> bytes:
    """The JSON envelope of an answer; empty ``plaintext`` gives an empty Data."""
    data = _base64(suite.encrypt(keys, plaintext), framing) if plaintext else ""
    sig = suite.sign(keys, _signed_reply(keys, str(ret), msg, data))
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


def open_reply(suite: AnySuite, keys: AnyKeys, body: bytes, framing: Framing = _STRICT) -> Reply:
    """An answer, its signature checked. Raises ``Malformed``, ``NotGenuine``, ``NotDecrypted``."""
    try:
        reply, told = _reply(body, framing)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise Malformed("the answer is not a T/CEC 102 envelope") from cause
    if not reply.sig:
        raise NotGenuine("the answer is not signed")
    verify(suite, keys, _signed_reply(keys, *told), reply.sig, framing)
    plaintext = open_data(reply.data, suite, keys) if reply.data else b""
    return Reply(reply.ret, reply.msg, plaintext)


def _signed_reply(keys: AnyKeys, ret: str, msg: str, data: str) -> bytes:
    """What the signature of an answer covers."""
    parts = (ret, msg, data)
    if isinstance(keys, Secrets):
        return "".join(parts).encode()
    return "".join(f"{len(part)}:{part}" for part in parts).encode()


def _reply(body: bytes, framing: Framing) -> tuple[EnvelopeReply, tuple[str, str, str]]:
    """An answer and the texts that are signed, in which null is the text that Java makes of it."""
    if not framing.null_in_mac:
        reply = _REPLY.decode(body)
        return reply, (str(reply.ret), reply.msg, reply.data)
    document = _TABLE.decode(body)
    nulls = [name for name in ("Msg", "Data") if document.get(name, "") is None]
    reply = msgspec.convert(document | dict.fromkeys(nulls, ""), EnvelopeReply)
    msg, data = ("null" if n in nulls else v for n, v in (("Msg", reply.msg), ("Data", reply.data)))
    return reply, (str(reply.ret), msg, data)


def _base64(ciphertext: bytes, framing: Framing) -> str:
    text = binascii.b2a_base64(ciphertext, newline=False).decode()
    width = framing.base64_line
    if not width:
        return text
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))
