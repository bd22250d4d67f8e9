"""Who takes part in a measurement, and the job that its processes are given."""

from __future__ import annotations

from typing import Literal

import msgspec

from vgigw.crypto.suite import AnyKeys, Secrets
from vgigw.operations import UPLOAD_TELEMETRY, Role
from vgigw.ports import Peer

DoorName = Literal["cec102", "soap", "rest"]

PLATFORM_ID = "100000001"
OPERATOR_ID = "123456789"
SECRET_TEXTS = {
    "operator_secret": "1234567890abcdef",
    "data_secret": "1234567890abcdef",
    "data_secret_iv": "1234567890abcdef",
    "sig_secret": "1234567890abcdef",
}
"""The published example values of T/CEC 102: a measurement needs no secret of its own."""

SECRETS = Secrets.of(**SECRET_TEXTS)
BASES: dict[DoorName, str] = {"cec102": "/evcs/v1", "soap": "/soap", "rest": "/vgi/v1"}
PATHS: dict[DoorName, str] = {
    "cec102": f"/evcs/v1/{UPLOAD_TELEMETRY.cec102[-1]}",
    "soap": "/soap/aggregator",
    "rest": f"/vgi/v1{UPLOAD_TELEMETRY.path}",
}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a load process is to send, and where: ``batch`` records a message, each of
    ``connections`` with a stream of its own, whose number begins with ``first_stream``."""

    door: DoorName
    port: int
    suite: str
    batch: int
    connections: int
    first_stream: int = 0
    token: str = ""
    keys: str = ""
    """Folder of the key rings, for a suite that has some."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a load process saw between two moments at which nothing was under way.

    ``latencies_ms`` is of each acknowledged message, from the first byte sent to the last byte
    of the answer; ``refused`` counts messages, all others acknowledged all their records.
    """

    elapsed_s: float
    messages: int
    records: int
    refused: int
    latencies_ms: list[float]


def platform(door: DoorName, suite: str, port: int, keys: AnyKeys = SECRETS) -> Peer:
    """The gateway under test as its operator knows it."""
    return Peer(
        operator_id=PLATFORM_ID,
        role=Role.PLATFORM,
        doors=frozenset({door}),
        suite=suite,
        inbound=keys,
        outbound=keys,
        paths=(f"http://127.0.0.1:{port}{BASES[door]}",),
        door=door,
    )
