"""The commands of ``vgigw keys`` that the doctor advises: each runs as it stands, but for the words
in capitals, which whoever keeps the ring chooses."""

from __future__ import annotations

from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm
from vgigw.crypto.link_keys import Purpose


def make_key(suite: str, purpose: Purpose) -> str:
    """A new key of ours for ``suite``."""
    return f"vgigw keys new KEY_ID --algorithm {_kind_for(suite)} --purpose {purpose.value}"


def take_key(party: str, suite: str, purpose: Purpose) -> str:
    """The public key of ``party`` for ``suite``, out of FILE."""
    kind = _kind_for(suite)
    return (
        f"vgigw keys import FILE KEY_ID --party {party} --algorithm {kind} "
        f"--purpose {purpose.value}"
    )


def rotate(key_id: str) -> str:
    """The successor of a key or set of ours."""
    return f"vgigw keys rotate {key_id} NEW_ID"


def request(key_id: str) -> str:
    """What an authority makes a certificate of."""
    return f"vgigw keys request {key_id}"


def take_certificate(party: str | None = None) -> str:
    """The certificate of a key to sign with, ours or of ``party``, out of FILE."""
    whose = "" if party is None else f" --party {party}"
    return f"vgigw keys import FILE KEY_ID --purpose sign{whose}"


def make_set(peer: str) -> str:
    """A new set of secrets that ``peer`` uses towards us."""
    return f"vgigw keys new KEY_ID --algorithm secrets --peer {peer}"


def take_set(party: str) -> str:
    """A set of secrets that ``party`` issued, out of FILE."""
    return f"vgigw keys import FILE KEY_ID --party {party} --passphrase env:PASSPHRASE"


def _kind_for(suite: str) -> Algorithm:
    """One that serves every purpose of the suite: RSA signs, decrypts and can be certified."""
    return next(one for one in Algorithm if one in OF_SUITE[suite])
