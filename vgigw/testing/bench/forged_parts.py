"""Signatures and ciphertexts that are wrong: in one place, or throughout. F84, F85."""

from __future__ import annotations

import base64
import random
import re
from typing import Final

from msgspec.structs import replace

from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import AnySuite
from vgigw.envelope import rest
from vgigw.envelope.wire import WireRequest
from vgigw.testing.bench.pair_keys import pair

_SIG: Final = re.compile(rb'(?<=Sig>)[^<]+(?=<)|(?<="Sig":")[^"]+')
_HTTP_SIG: Final = re.compile(r"(?<==:)[A-Za-z0-9+/=]+(?=:\Z)")
_DATA: Final = re.compile(rb'(?<=SecuredData>)[^<]+|(?<="SecuredData":")[^"]+|(?<="Data":")[^"]+')


class Parts:
    """Forges for one suite; ``rng`` draws what is random."""

    def __init__(self, suite: AnySuite, rng: random.Random) -> None:
        self._suite, self._rng = suite, rng
        self._stranger = (
            pair(suite.name, Purpose.SIGN).private if isinstance(suite, SigningSuite) else None
        )

    def resigned(self, wire: WireRequest, *, near: bool) -> WireRequest:
        """``wire`` under a signature that is wrong in one place, or somebody else's."""
        text = wire.headers.get("signature")
        if text is None:
            body = _SIG.sub(lambda told: self._wrong(told[0].decode(), near=near), wire.body)
            return replace(wire, body=body)
        right = base64.b64decode(_HTTP_SIG.findall(text)[0])
        written = base64.b64encode(self._wrong_octets(right, near=near)).decode()
        headers = {**wire.headers, "signature": _HTTP_SIG.sub(lambda _: written, text)}
        return replace(wire, headers=headers)

    def garbled(self, wire: WireRequest, *, last: bool) -> WireRequest:
        """``wire`` with a bit of its ciphertext flipped: where padding or tag comes to be wrong, or
        a block before, where it is the content alone. The signature stays."""
        at = -1 if self._stranger is not None else -17

        def other(told: re.Match[bytes]) -> bytes:
            octets = bytearray(base64.b64decode(told[0]))
            octets[at if last else at - 16] ^= 1
            return base64.b64encode(octets)

        body = _DATA.sub(other, wire.body)
        digest = {"content-digest": rest.content_digest(body)}
        more = digest if "content-digest" in wire.headers else {}
        return replace(wire, body=body, headers={**wire.headers, **more})

    def _wrong(self, right: str, *, near: bool) -> bytes:
        if self._stranger is None:
            return self._wrong_octets(bytes.fromhex(right), near=near).hex().upper().encode()
        key_id, _, written = right.partition(".")
        octets = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        wrong = base64.urlsafe_b64encode(self._wrong_octets(octets, near=near)).rstrip(b"=")
        return key_id.encode() + b"." + wrong

    def _wrong_octets(self, right: bytes, *, near: bool) -> bytes:
        if near:
            # In the middle, where no signature has a length, a sign or a bound.
            at = len(right) - 1 if self._stranger is None else len(right) * 5 // 8
            return right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]
        if self._stranger is None:
            return self._rng.randbytes(len(right))
        signing = self._suite
        assert isinstance(signing, SigningSuite)
        return signing.sign_octets(self._stranger, self._rng.randbytes(32))
