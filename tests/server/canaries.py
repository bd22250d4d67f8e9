"""Strings that must come out nowhere, where they stand, and what the log wrote of them. F86."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NoReturn

import structlog

from tests import trio
from tests.server.served import Served
from vgigw.codec.packing import unpack
from vgigw.crypto.suite import Secrets
from vgigw.ports import Store, View
from vgigw.server.log import LogObserver, configure

Form = Literal["json", "console"]
FORMS: tuple[Form, ...] = ("json", "console")
MARK = "CANARY"
"""Stands in every canary, and in no name of ours."""
SECRETS = Secrets.of(
    operator_secret=f"operator-{MARK}",
    data_secret=f"{MARK}-data-key1",
    data_secret_iv=f"{MARK}-data-iv01",
    sig_secret=f"signature-{MARK}",
)
TOKEN = f"token-{MARK}"
_ALL = (SECRETS.operator_secret, SECRETS.data_secret, SECRETS.data_secret_iv, SECRETS.sig_secret)
SPELLINGS = (
    MARK,
    *(base64.b64encode(each).decode() for each in _ALL),
    *(each.hex() for each in _ALL),
)


class Leaky(Exception):
    """An error of a library that tells what it was handed."""


def failing(*arguments: object, **_: object) -> NoReturn:
    """Raises as a library may: key material in the text, and in that of its cause, and all that it
    was handed."""
    cause = ValueError(f"bad key {MARK} {SECRETS.sig_secret!r} {arguments!r}")
    raise Leaky(f"{MARK} {SECRETS.data_secret.hex()} {TOKEN} {arguments!r}") from cause


def absent(text: str | bytes, *more: str) -> None:
    """Fail where a canary stands in ``text``, plain, in hex or in base64."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    for spelling in (*SPELLINGS, *more):
        assert spelling not in shown, f"{spelling} in {shown}"
        assert spelling.upper() not in shown, f"{spelling} in {shown}"


class _Stream(io.TextIOWrapper):
    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, "utf-8", write_through=True)


@contextmanager
def logged(form: Form) -> Iterator[io.BytesIO]:
    """What the gateway's log writes while in here, all levels."""
    stream, before = _Stream(), sys.stderr
    sys.stderr = stream
    try:
        configure("debug", form)
        yield stream.kept
    finally:
        sys.stderr = before
        structlog.reset_defaults()
        stream.detach()  # Else what was kept is closed with it.


@contextmanager
def watched(
    folder: Path, form: Form, monkeypatch: Any, suite: str = "tcec102"
) -> Iterator[tuple[Served, io.BytesIO]]:
    """A served platform whose every link has the secrets above, and its log; nothing of them may
    stand in the log, nor in what the store keeps to be shown."""
    monkeypatch.setattr(trio, "secrets_of", lambda _: SECRETS)
    with logged(form) as log:
        served = Served(folder, observer=LogObserver(), suite=suite)
        yield served, log
        absent(log.getvalue())
        absent(kept(served.store))
        served.close()


def kept(store: Store) -> str:
    """What the store keeps to be shown: traces, alarms, audit, and why letters came to nothing."""
    return store.read(_shown)


def _shown(view: View) -> str:
    kinds = ("TraceHop", "AlarmEvent", "AuditRecord")
    documents = [each for kind in kinds for each in view.documents(kind)]
    texts = [f"{each.key} {unpack(each.payload).decode()}" for each in documents]
    letters = [f"{each.message_id} {each.last_error}" for each in view.letters()]
    return "\n".join((*texts, *letters))
