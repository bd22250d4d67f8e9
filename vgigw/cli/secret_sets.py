"""Sets of secrets in ``vgigw keys export`` and ``import``: encrypted, or a table of references."""

from __future__ import annotations

import tomllib
from datetime import datetime

from vgigw.cli.key_options import Opened
from vgigw.crypto.key_ring import Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.pem import SECRET_SET, der_of_pem, pem_of_der
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secret_set_letter import export_set, import_set
from vgigw.crypto.secrets import Secrets
from vgigw.errors import Misconfigured


def exported_set(opened: Opened, place: Place, passphrase: bytes) -> str:
    """The set at ``place`` in PEM, encrypted."""
    return pem_of_der(export_set(opened.ring, place, passphrase), SECRET_SET)


def is_exported_set(text: str) -> bool:
    """Whether ``text`` is what :func:`exported_set` writes."""
    return f"-----BEGIN {SECRET_SET}-----" in text


def imported_set(opened: Opened, place: Place, text: str, passphrase: bytes) -> KeyRecord:
    """The set in PEM, taken into the ring with its dates. Raises ``Misconfigured``."""
    return import_set(opened.ring, place, der_of_pem(text, SECRET_SET), passphrase)


def set_of_table(
    opened: Opened, place: Place, user: str, text: str, dates: tuple[datetime, datetime]
) -> KeyRecord:
    """A set that somebody else made, out of a TOML table as ``[peers.inbound]`` has it: each of the
    four as ``env:NAME``, ``file:PATH`` or the text itself. Raises ``Misconfigured``."""
    four = Secrets.of(**_read(opened, text))
    begin, end = dates
    return opened.ring.keep_set(place, user, four, not_before=begin, not_after=end)


def _read(opened: Opened, text: str) -> dict[str, str]:
    table: dict[str, object] = {}
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        # Not chained: its words may quote a secret.
        table = {}
    given = {name: value for name, value in table.items() if isinstance(value, str)}
    if given.keys() != set(SECRET_NAMES) or len(given) != len(table):
        raise Misconfigured(
            f"a set of secrets is the PEM of `vgigw keys export`, or a table of "
            f"{', '.join(SECRET_NAMES)}"
        )
    return {name: opened.config.secret(value, name) for name, value in given.items()}
