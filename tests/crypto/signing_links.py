"""Both sides of a link with private keys, and a stranger, for each suite that signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.crypto.sm2_providers import provider_named
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.gm import Gm
from vgigw.crypto.intl import INTL
from vgigw.crypto.link_keys import AnyLinkKeys, KeyState, LinkKey, LinkKeys, Purpose
from vgigw.crypto.signing import SigningSuite
from vgigw.testing.suite_contract import AT

MESSAGE = b"one message"
NOT_BEFORE, NOT_AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


class Pair(NamedTuple):
    """A private key and its public one, for one purpose."""

    purpose: Purpose
    private: Any
    public: Any


class Party(NamedTuple):
    """The pairs of one side: to sign, to encrypt."""

    sign: Pair
    encrypt: Pair


class Scene(NamedTuple):
    """A suite, two who talk and a stranger."""

    suite: SigningSuite[Any, Any]
    one: Party
    other: Party
    stranger: Party


def key(pair: Pair, *, private: bool, **changed: Any) -> LinkKey[Any]:
    values: dict[str, Any] = {
        "key_id": f"{pair.purpose.value}-1",
        "purpose": pair.purpose,
        "key": pair.private if private else pair.public,
        "not_before": NOT_BEFORE,
        "not_after": NOT_AFTER,
        "state": KeyState.ACTIVE,
    }
    return LinkKey(**values | changed)


def keys_of(own: Party, peer: Party, **changed: Any) -> AnyLinkKeys:
    """What ``own`` holds of its link with ``peer``; ``changed`` is of all four keys."""
    return LinkKeys(
        own=tuple(key(pair, private=True, **changed) for pair in own),
        peer=tuple(key(pair, private=False, **changed) for pair in peer),
    )


def _party(sign: Any, encrypt: Any) -> Party:
    public: Callable[[Any], Any] = lambda own: (  # noqa: E731 - two kinds of library
        own.public_key() if callable(own.public_key) else own.public_key
    )
    return Party(
        Pair(Purpose.SIGN, sign, public(sign)), Pair(Purpose.ENCRYPT, encrypt, public(encrypt))
    )


@cache
def rsa(bits: int, number: int) -> RSAPrivateKey:
    """One of several keys, made once."""
    return generate_private_key(65537, bits)


@cache
def _made(name: str) -> Scene:
    if name.startswith("gm-"):
        provider = provider_named(name.removeprefix("gm-"))
        parties = [_party(provider.generate(), provider.generate()) for _ in range(3)]
        return Scene(Gm(provider), *parties)
    if name == "intl-ed25519":
        parties = [_party(Ed25519PrivateKey.generate(), rsa(2048, who)) for who in range(3)]
    else:
        parties = [_party(rsa(2048, 3 + who), rsa(2048, who)) for who in range(3)]
    return Scene(INTL, *parties)


def scene(name: str) -> Scene:
    """The scene of that name; skipped where libcrypto has no SM2."""
    if name == "gm-libcrypto":
        provider_named("libcrypto")
    return _made(name)


SCENES = pytest.mark.parametrize("name", ["gm-libcrypto", "gm-gmssl", "intl-rsa", "intl-ed25519"])


def about(sent_at: Any = AT, **changed: Any) -> Exchange:
    """A request of the first party; ``changed`` is of its members."""
    values = {"operation": "PushTelemetry", "sender": "100000001", "receiver": "200000002"}
    return Exchange(**values | {"sent_at": sent_at, "nonce": "0001"} | changed)


def both(stage: Scene, **changed: Any) -> tuple[AnyLinkKeys, AnyLinkKeys]:
    """The keys of both sides; ``changed`` is of the side that receives."""
    exchange = about()
    sending = keys_of(stage.one, stage.other).about(exchange)
    return sending, keys_of(stage.other, stage.one, **changed).about(exchange)
