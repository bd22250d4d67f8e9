"""A recorded message is worth nothing anywhere else: the table of replays, on served gateways. F81.

Two gateways with two workers each; every connection is a new one, so that either worker may take
it. What was accepted of replays is counted and printed; it must be 0. A repeat, of the very same
message on the same operation, gets the original answer and does nothing again (CARD-6).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from tests.server.wired import Wire, config, upload
from tests.trio import OPERATOR, OTHER, PLATFORM, ret_of
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.stores import DATABASE
from vgigw.stores import SqliteStore
from vgigw.testing.gateway_process import GatewayProcess, free_port

pytestmark = pytest.mark.own_store("the file that two workers of a served gateway share")

ELSEWHERE = "100000009"
"""Another platform, which knows the same peers by the same secrets."""

TIMES = 6
"""So often each is tried: with two workers the chance that one of them saw none is 2 in 2^6."""

WORKERS = {"workers": 2}


class Place(NamedTuple):
    process: GatewayProcess
    port: int
    folder: Path


class Scene:
    """Two platforms, and what an operator said to the first."""

    def __init__(self, folder: Path) -> None:
        self.here = _place(folder / "here", PLATFORM)
        self.elsewhere = _place(folder / "elsewhere", ELSEWHERE)
        self.wire = Wire(OPERATOR, self.here.port)
        self.other = Wire(OTHER, self.here.port)
        self.recorded: dict[str, list[tuple[WireRequest, WireAnswer]]] = {}
        self._number = 0

    def record(self, door: str) -> tuple[WireRequest, WireAnswer]:
        """A new upload on ``door`` that was taken, and its answer."""
        self._number += 1
        batch = upload(OPERATOR, self._number, f"S-{door}")
        sealed = self.wire.sealed(door, UPLOAD_TELEMETRY, batch)
        answer = self.give(sealed)
        assert ret_of(answer) == 0, answer.body
        self.recorded.setdefault(door, []).append((sealed, answer))
        return sealed, answer

    def give(self, wire: WireRequest, port: int | None = None) -> WireAnswer:
        """Over a connection of its own."""
        return self.wire.give(replace(wire, headers={**wire.headers, "connection": "close"}), port)

    def restart(self) -> None:
        self.here.process.kill()
        self.here.process.start()

    def stored(self, place: Place) -> list[tuple[str, int]]:
        """(stream, number) of whatever a place holds of the operator."""
        store = SqliteStore(place.folder / "var" / DATABASE)
        try:
            rows = store.read(lambda view: view.rows(owner=OPERATOR))
            rows += store.read(lambda view: view.rows(owner=OTHER))
        finally:
            store.close()
        return [(row.stream, row.seq_from) for row in rows]

    def close(self) -> None:
        for place in (self.here, self.elsewhere):
            place.process.close()


def _place(folder: Path, own: str) -> Place:
    folder.mkdir()
    port = free_port()
    process = GatewayProcess(config(folder, port, own, listen=WORKERS), port)
    process.start()
    return Place(process, port, folder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("replays"))
    yield scene
    scene.close()


def to_path(path: str) -> Callable[[Scene, WireRequest], tuple[WireRequest, int | None]]:
    return lambda scene, wire: (replace(wire, path=path), None)


def to_another_gateway(scene: Scene, wire: WireRequest) -> tuple[WireRequest, int | None]:
    return wire, scene.elsewhere.port


def with_a_token_of_elsewhere(scene: Scene, wire: WireRequest) -> tuple[WireRequest, int | None]:
    """As far as the token is no part of what is signed, the thief shows one of his own there."""
    thief = Wire(OTHER, scene.elsewhere.port, ELSEWHERE)
    token = thief.token()
    headers = {**wire.headers}
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {token}"
    return replace(wire, headers=headers), scene.elsewhere.port


def by_another_peer(scene: Scene, wire: WireRequest) -> tuple[WireRequest, int | None]:
    def renamed(text: str) -> str:
        return text.replace(OPERATOR, OTHER)

    headers = {name: renamed(value) for name, value in wire.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {scene.other.token()}"
    body = wire.body.replace(OPERATOR.encode(), OTHER.encode())
    return replace(wire, headers=headers, body=body), None


def with_another_body(scene: Scene, wire: WireRequest) -> tuple[WireRequest, int | None]:
    """The same nonce, time and signature around another content."""
    body = bytearray(wire.body)
    at = len(body) * 2 // 3
    while not chr(body[at]).isdigit():
        at += 1
    body[at] = ord("1") if body[at] != ord("1") else ord("2")
    return replace(wire, body=bytes(body)), None


MOVES: dict[str, dict[str, Callable[[Scene, WireRequest], tuple[WireRequest, int | None]]]] = {
    "cec102": {
        "on the REST door": to_path("/vgi/v1/telemetry"),
        "on the SOAP door": to_path("/soap/aggregator"),
        "on another operation": to_path("/evcs/v1/notification_backfill_data"),
        "on a third operation": to_path("/evcs/v1/notification_stationInfo"),
    },
    "rest": {
        "on the T/CEC 102 door": to_path("/evcs/v1/notification_realtime_data"),
        "on the SOAP door": to_path("/soap/aggregator"),
        "on another operation": to_path("/vgi/v1/backfills"),
        "on a third operation": to_path("/vgi/v1/alarms"),
    },
    "soap": {
        "on the T/CEC 102 door": to_path("/evcs/v1/notification_realtime_data"),
        "on the REST door": to_path("/vgi/v1/telemetry"),
    },
}
EVERYWHERE = {
    "by another peer": by_another_peer,
    "with another body": with_another_body,
    "on another gateway": to_another_gateway,
    "on another gateway, with a token of there": with_a_token_of_elsewhere,
}


@pytest.mark.parametrize("door", MOVES)
def test_f81_a_replay_is_accepted_nowhere_and_a_repeat_gets_its_answer(
    scene: Scene, door: str
) -> None:
    table: dict[str, list[int]] = {}
    before = scene.stored(scene.here)
    new = [scene.record(door) for _ in range(TIMES)]
    for when in ("", "after a restart, "):
        if when:
            scene.restart()
        for name, move in (MOVES[door] | EVERYWHERE).items():
            moved = [move(scene, wire) for wire, _ in new]
            table[when + name] = [ret_of(scene.give(wire, port)) for wire, port in moved]
        again = [_content(scene.give(wire)) for wire, _ in new for _ in range(2)]
        assert again == [_content(answer) for _, answer in new for _ in range(2)]
    for name, rets in table.items():
        told = f"tried {len(rets)}, accepted {rets.count(0)}, answered {sorted(set(rets))}"
        sys.stdout.write(f"F81 {door} {name}: {told}\n")
    assert {name: rets.count(0) for name, rets in table.items()} == dict.fromkeys(table, 0)
    after = scene.stored(scene.here)
    assert len(after) == len(set(after)) == len(before) + TIMES
    assert scene.stored(scene.elsewhere) == []


def _content(answer: WireAnswer) -> bytes:
    """What an answer says, without its signature and the time of that."""
    body = re.sub(rb"<(Sig|TimeStamp)>[^<]*<", rb"<\1><", answer.body)
    return re.sub(rb'"Sig":"[^"]*"', b'"Sig":""', body)
