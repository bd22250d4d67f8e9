"""``vgigw recalls`` and ``vgigw gaps`` beside running gateways, that are killed at times. PLT-7.9d.

The platform holds the records of an operator, the dispatch recalls them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.processes import DISPATCH, OPERATOR, PLATFORM, prepared, result, run
from tests.stores.fresh import stored_for
from tests.trio import NOW, batch
from vgigw import Gateway
from vgigw.cli.opened import looked_up
from vgigw.cli.recalls import RecallReport, reports_of
from vgigw.handlers.keeping import object_of
from vgigw.handlers.unavailable import note_gone
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.ports import Transaction, own_row
from vgigw.rules.gap import Gap
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState
from vgigw.testing.gateway_process import GatewayProcess, free_port

BATCHES = 120
PATIENCE_S = 40.0
STREAM = "S1"
SECRETS = """operator_secret = "operator-secret"
data_secret = "0123456789abcdef"
data_secret_iv = "fedcba9876543210"
sig_secret = "signature-secret"
"""


CONFIG = """
[gateway]
operator_id = "{own}"
role = "{role}"
[listen]
port = {port}
[[peers]]
operator_id = "{peer}"
role = "{peer_role}"
doors = ["rest"]
[peers.inbound]
{secrets}
[peers.outbound]
paths = ["http://127.0.0.1:{peer_port}/vgi/v1"]
door = "rest"
"""


class Two:
    """A platform and a dispatch, each in processes of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        ports = {"platform": free_port(), "dispatch": free_port()}
        parties = {"platform": PLATFORM, "dispatch": DISPATCH}
        self.configs: dict[str, Path] = {}
        for role, other in (("platform", "dispatch"), ("dispatch", "platform")):
            text = CONFIG.format(
                own=parties[role],
                role=role,
                port=ports[role],
                peer=parties[other],
                peer_role=other,
                peer_port=ports[other],
                secrets=SECRETS,
            )
            (folder / role).mkdir()
            self.configs[role] = folder / role / "vgigw.toml"
            self.configs[role].write_text(text)
            stored_for(self.configs[role])
        self.platform, self.dispatch = self.configs["platform"], self.configs["dispatch"]
        held = Gateway.from_config(self.platform)
        held.store.write(_journalled)
        held.close()
        self.processes = {
            role: stack.enter_context(GatewayProcess(self.configs[role], ports[role]))
            for role in ports
        }
        for process in self.processes.values():
            process.start()

    def killed_and_started(self, *roles: str) -> None:
        for role in roles:
            self.processes[role].kill()
        for role in roles:
            self.processes[role].start()

    def arrived(self) -> list[int]:
        rows = looked_up(self.dispatch, lambda view: view.rows(owner=OPERATOR, stream=STREAM))
        return sorted(
            seq
            for row in rows
            for seq, _ in enumerate(object_of(TelemetryBatch, row.payload).records, row.seq_from)
        )

    def job(self) -> RecallReport | None:
        """The only job that the platform serves; None before it is there. Looked at without the
        command, which takes its time to begin."""
        return next(iter(looked_up(self.platform, reports_of)), None)

    def sent(self) -> int:
        """Records of that job that went into the outbox."""
        job = self.job()
        return 0 if job is None else job.sent or 0

    def state(self) -> str:
        job = self.job()
        return "" if job is None else job.state


def _journalled(tx: Transaction) -> None:
    for seq in range(1, BATCHES + 1):
        tx.append(own_row(batch(seq, seq), OPERATOR, NOW))


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with ExitStack() as stack:
        yield Two(tmp_path, stack)


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


@pytest.mark.long
def test_plt_7_9d_started_cancelled_resumed_and_whole_after_kills(two: Two) -> None:
    (asked,) = result(
        "recalls", "-c", two.dispatch, "start", PLATFORM,
        "--stream", STREAM, "--from", "1", "--to", str(BATCHES), "--rate", "4",
    )  # fmt: skip
    assert (asked["kind"], asked["state"], asked["peer"]) == ("asked", "waiting", PLATFORM)
    until(lambda: two.sent() > 0)
    (job_id,) = [each["job_id"] for each in result("recalls", "-c", two.platform)]

    (stopped,) = result("recalls", "-c", two.platform, "cancel", job_id)
    assert (stopped["state"], stopped["total"]) == ("cancelled", BATCHES)
    assert 0 < stopped["sent"] < BATCHES
    time.sleep(0.5)  # what was on its way arrives
    before = two.arrived()
    two.killed_and_started("platform")
    time.sleep(2)
    assert two.arrived() == before
    assert two.state() == "cancelled"
    again = run("recalls", "-c", two.platform, "cancel", job_id)
    assert (again.returncode, again.stdout) == (1, "")
    assert "is cancelled" in again.stderr

    (going,) = result("recalls", "-c", two.platform, "resume", job_id)
    assert (going["state"], going["job_id"]) == ("running", job_id)
    until(lambda: two.sent() > stopped["sent"])
    two.killed_and_started("platform", "dispatch")
    until(lambda: two.state() == "done")
    assert two.arrived() == list(range(1, BATCHES + 1))
    job = two.job()
    assert job is not None
    assert (job.sent, job.acked, job.missing) == (BATCHES, BATCHES, 0)
    answered = [e for e in result("recalls", "-c", two.dispatch) if e["kind"] == "asked"]
    assert [(e["state"], e["job_id"], e["total"]) for e in answered] == [
        ("answered", job_id, BATCHES)
    ]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a platform that has an empty store."""
    made, _ = prepared(tmp_path_factory.mktemp("recalls") / "gw")
    Gateway.from_config(made).close()
    return made


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("start", OPERATOR, "--stream", STREAM), 1),  # no range
        (("start", OPERATOR, "--stream", STREAM, "--from", "2", "--to", "1"), 1),
        (("start", "999999999", "--stream", STREAM, "--from", "1", "--to", "2"), 2),
        (("start", "200000002", "--stream", STREAM, "--from", "1", "--to", "2"), 2),  # dispatch
        (("start", OPERATOR, "--time-from", "yesterday", "--time-to", "today"), 1),
        (("cancel", "J0"), 2),
        (("resume", "J0"), 2),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    config: Path, arguments: tuple[str, ...], code: int
) -> None:
    ended = run("recalls", "-c", config, *arguments)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert looked_up(config, reports_of) == []
    assert looked_up(config, lambda view: view.letters()) == []


def test_plt_7_9d_gaps_shows_what_will_not_come_and_why(tmp_path: Path) -> None:
    config, _ = prepared(tmp_path / "gw")
    gateway = Gateway.from_config(config)
    gateway.store.write(_with_reasons)
    gateway.close()
    (stream,) = result("gaps", "-c", config)
    assert [(g["first"], g["last"]) for g in stream["gaps"]] == [(8, 8)]
    assert [(g["first"], g["last"], g["reason"]) for g in stream["unavailable"]] == [
        (3, 3, "never existed"),
        (4, 4, "declared"),
        (5, 6, "expired"),
    ]
    table = run("gaps", "-c", config).stdout
    for words in ("never existed", "declared", "expired", "not yet", "5-6", "8-8"):
        assert words in table


def _with_reasons(tx: Transaction) -> None:
    tx.save_stream(OPERATOR, STREAM, StreamState(1, 7, 9, (Range(8, 8),)))
    tx.open_gap(OPERATOR, STREAM, Gap(8, 8, NOW))
    note_gone(tx, OPERATOR, STREAM, (Range(3, 6),), UnavailableReason.EXPIRED, NOW)
    note_gone(tx, OPERATOR, STREAM, (Range(4, 4),), UnavailableReason.DECLARED, NOW)
    note_gone(tx, OPERATOR, STREAM, (Range(3, 3),), UnavailableReason.NEVER_EXISTED, NOW)
