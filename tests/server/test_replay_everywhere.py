"""A recorded message is worth nothing anywhere else: the table of replays, on served gateways. F81.

Two gateways with two workers each; every connection is a new one, so that either worker may take
it. What was accepted of replays is counted and printed; it must be 0. A repeat, of the very same
message on the same operation, gets the original answer and does nothing again (CARD-6).

All moves six times, before and after a restart, with one suite; with the others a sample, unless
``VGIGW_REPLAYS=all``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from tests.server.keyed import MASTER, PAIRS, SUITE_OF, Pair, Rings
from tests.server.wired import Wire, config, upload
from tests.trio import PLATFORM, ret_of
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.objects import InformationObject
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.config import DATABASE
from vgigw.stores import SqliteStore
from vgigw.testing.gateway_process import GatewayProcess, free_port

pytestmark = pytest.mark.own_store("the file that two workers of a served gateway share")

ELSEWHERE = "100000009"
"""Another platform, which knows the same peers by the same secrets."""

TIMES = 6
"""So often each is tried: with two workers the chance that one of them saw none is 2 in 2^6."""

ALL = os.environ.get("VGIGW_REPLAYS") == "all"
SUITES = tuple(PAIRS)
WORKERS = {"workers": 2}
TURNED_AWAY = {4001, 4002, 4003, 4004, 4101}
"""Not genuine, no token of this place, no such form or object, seen before: never by mere luck."""


class Place(NamedTuple):
    process: GatewayProcess
    port: int
    folder: Path


class Recorded(NamedTuple):
    """A message that was taken, what reads its answers, and what the first of them said."""

    wire: WireRequest
    read: Callable[[WireAnswer], InformationObject]
    reply: InformationObject


class Scene:
    """Two platforms with the same keys, and what operators said to the first."""

    def __init__(self, folder: Path) -> None:
        self._rings = Rings(folder / "rings")
        self.here = self._place(folder / "here", PLATFORM)
        self.elsewhere = self._place(folder / "elsewhere", ELSEWHERE)
        self._wires: dict[tuple[str, str], Wire] = {}
        self._number = 0

    def wire(self, party: str, to: str = PLATFORM) -> Wire:
        """What ``party`` calls the platform ``to`` with."""
        found = self._wires.get((party, to))
        if found is None:
            port = (self.here if to == PLATFORM else self.elsewhere).port
            found = Wire(party, port, to, SUITE_OF[party], self._rings.keys(party, to))
            self._wires[party, to] = found
        return found

    def record(self, door: str, party: str) -> Recorded:
        """A new upload on ``door`` that was taken."""
        self._number += 1
        batch = upload(party, self._number, f"S-{door}")
        sealed, read = self.wire(party).asked(door, UPLOAD_TELEMETRY, batch)
        return Recorded(sealed, read, read(self.give(sealed)))

    def give(self, wire: WireRequest, port: int | None = None) -> WireAnswer:
        """Over a connection of its own."""
        sent = self.wire(PAIRS["tcec102"].operator)
        return sent.give(replace(wire, headers={**wire.headers, "connection": "close"}), port)

    def restart(self) -> None:
        self.here.process.kill()
        self.here.process.start()

    def stored(self, place: Place) -> list[tuple[str, str, int]]:
        """(owner, stream, number) of whatever a place holds."""
        store = SqliteStore(place.folder / "var" / DATABASE)
        try:
            rows = store.read(lambda view: view.rows())
        finally:
            store.close()
        return [(row.owner, row.stream, row.seq_from) for row in rows]

    def close(self) -> None:
        for place in (self.here, self.elsewhere):
            place.process.close()

    def _place(self, folder: Path, own: str) -> Place:
        folder.mkdir()
        port = free_port()
        (folder / "master").write_text(MASTER.hex(), "ascii")
        self._rings.install(folder / "var", own)
        gateway = {"operator_id": own, "master_key": "file:master"}
        file = config(folder, port, own, SUITE_OF, gateway=gateway, listen=WORKERS)
        process = GatewayProcess(file, port)
        process.start()
        return Place(process, port, folder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("replays"))
    yield scene
    scene.close()


Moved = tuple[WireRequest, int | None]
"""A message, and the port of another gateway."""
Move = Callable[[Scene, WireRequest, Pair], Moved]


def to_path(path: str) -> Move:
    return lambda scene, wire, pair: (replace(wire, path=path), None)


def to_another_gateway(scene: Scene, wire: WireRequest, pair: Pair) -> Moved:
    return wire, scene.elsewhere.port


def with_a_token_of_elsewhere(scene: Scene, wire: WireRequest, pair: Pair) -> Moved:
    """As far as the token is no part of what is signed, the thief shows one of his own there."""
    token = scene.wire(pair.other, ELSEWHERE).token()
    headers = {**wire.headers}
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {token}"
    return replace(wire, headers=headers), scene.elsewhere.port


def by_another_peer(scene: Scene, wire: WireRequest, pair: Pair) -> Moved:
    def renamed(text: str) -> str:
        return text.replace(pair.operator, pair.other)

    headers = {name: renamed(value) for name, value in wire.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {scene.wire(pair.other).token()}"
    body = wire.body.replace(pair.operator.encode(), pair.other.encode())
    return replace(wire, headers=headers, body=body), None


def with_another_body(scene: Scene, wire: WireRequest, pair: Pair) -> Moved:
    """The same nonce, time and signature around another content."""
    body = bytearray(wire.body)
    at = len(body) * 2 // 3
    while not chr(body[at]).isdigit():
        at += 1
    body[at] = ord("1") if body[at] != ord("1") else ord("2")
    return replace(wire, body=bytes(body)), None


MOVES: dict[str, dict[str, Move]] = {
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


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", MOVES)
def test_f81_a_replay_is_accepted_nowhere_and_a_repeat_gets_its_answer(
    scene: Scene, door: str, suite: str
) -> None:
    pair, whole = PAIRS[suite], ALL or suite == SUITES[0]
    table: dict[str, list[int]] = {}
    before = scene.stored(scene.here)
    new = [scene.record(door, pair.operator) for _ in range(TIMES if whole else 1)]
    for when in ("", "after a restart, ") if whole else ("",):
        if when:
            scene.restart()
        for name, move in (MOVES[door] | EVERYWHERE).items():
            moved = [move(scene, each.wire, pair) for each in new]
            table[when + name] = [ret_of(scene.give(wire, port)) for wire, port in moved]
        again = [each.read(scene.give(each.wire)) for each in new for _ in range(2)]
        assert again == [each.reply for each in new for _ in range(2)]
    for name, rets in table.items():
        told = f"tried {len(rets)}, accepted {rets.count(0)}, answered {sorted(set(rets))}"
        sys.stdout.write(f"F81 {suite} {door} {name}: {told}\n")
    wrong = {name: set(rets) - TURNED_AWAY for name, rets in table.items()}
    assert {name: rets for name, rets in wrong.items() if rets} == {}
    after = scene.stored(scene.here)
    assert len(after) == len(set(after)) == len(before) + len(new)
    assert scene.stored(scene.elsewhere) == []
