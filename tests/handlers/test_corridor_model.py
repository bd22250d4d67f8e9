"""Whatever the links do, what an operator journalled is stored at the platform exactly once.

PLT-7.6b, PLT-7.9d: losses, duplicates, reordering, cut links, lost answers and restarts of either
side, in any order; then the links heal and the clockwork of both runs.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.trio import BASES, OPERATOR, PLATFORM, STREAM, Trio, batch, record
from vgigw.errors import PeerRefused, PeerUnreachable
from vgigw.objects import Heartbeat, StreamHeight, TelemetryBatch
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import HEARTBEAT, UPLOAD_TELEMETRY
from vgigw.ports import LetterState

PARTIES = st.sampled_from([PLATFORM, OPERATOR])
ROUNDS_TO_HEAL = 40


class Corridor(RuleBasedStateMachine):
    """The operator's journal is the model; the platform's store must become equal to it."""

    @initialize(door=st.sampled_from(list(BASES)), first=st.integers(1, 500))
    def begin(self, door: str, first: int) -> None:
        self.trio = Trio(door)
        self.first = self.next = first
        self.batches: list[TelemetryBatch] = []
        self.upload(2)

    def _measured(self, size: int) -> TelemetryBatch:
        made = batch(self.next, self.next + size - 1)
        self.next += size
        self.batches.append(made)
        return made

    @rule(size=st.integers(1, 4))
    def upload(self, size: int) -> None:
        """Into journal and outbox at once."""
        made = self._measured(size)
        self.trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, made, self.trio.now)

    @rule(size=st.integers(1, 4))
    def lose_for_good(self, size: int) -> None:
        """A batch that was kept and never put into the outbox."""
        self.trio.operator.keep(self._measured(size), self.trio.now)

    @rule(data=st.data())
    def upload_out_of_turn(self, data: st.DataObject) -> None:
        """Any batch once more, past the outbox: a duplicate, or one that overtakes others."""
        made = data.draw(st.sampled_from(self.batches))
        try:
            self.trio.call(OPERATOR, UPLOAD_TELEMETRY, made)
        except (PeerUnreachable, PeerRefused):
            return

    @rule(cut=st.tuples(st.integers(0, 3), st.integers(0, 3)))
    def upload_in_other_pieces(self, cut: tuple[int, int]) -> None:
        """An overlap: the last records in a batch of another size."""
        first, last = max(self.first, self.next - 4 + cut[0]), self.next - 1
        if first <= last:
            again = batch(first, last, batch_id=f"again-{first}-{last}-{cut[1]}")
            try:
                self.trio.call(OPERATOR, UPLOAD_TELEMETRY, again)
            except (PeerUnreachable, PeerRefused):
                return

    @precondition(lambda self: self.trio.net.exchanged)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Bytes that were on the wire arrive once more, later."""
        wire, _ = data.draw(st.sampled_from(self.trio.net.exchanged[-20:]))
        if any(wire.path.startswith(f"/{base}") for base in BASES.values()):
            self.trio.give(wire)

    @rule(party=PARTIES)
    def cut(self, party: str) -> None:
        self.trio.net.cut.add(party)

    @rule(party=PARTIES)
    def lose_answers(self, party: str) -> None:
        self.trio.net.lose_answers.add(party)

    @rule()
    def heal(self) -> None:
        self.trio.net.cut.clear()
        self.trio.net.lose_answers.clear()

    @rule(party=PARTIES)
    def restart(self, party: str) -> None:
        self.trio.restart(party)

    @rule(party=PARTIES, step_s=st.sampled_from([0.0, 0.6, 2.5, 61.0, 400.0]))
    def tick(self, party: str, step_s: float) -> None:
        self.trio.gateways[party].tick(self.trio.wait(step_s))

    @rule()
    def beat(self) -> None:
        if not self.trio.records():
            return  # Before its first contact a stream's beginning is not known.
        height = StreamHeight(stream_id=STREAM, seq_highest=self.next - 1)
        sent = Heartbeat(
            link_id="L",
            seq=1,
            time=self.trio.now,
            channel_role=ChannelRole.MAIN,
            streams=(height,),
        )
        try:
            self.trio.call(OPERATOR, HEARTBEAT, sent)
        except (PeerUnreachable, PeerRefused):
            return

    @invariant()
    def nothing_is_stored_that_was_not_measured(self) -> None:
        if hasattr(self, "trio"):
            for seq, stored in self.trio.records().items():
                assert self.first <= seq < self.next
                assert stored == record(seq)

    def teardown(self) -> None:
        if not hasattr(self, "trio"):
            return
        self.heal()
        for _ in range(ROUNDS_TO_HEAL):
            self.trio.operator.tick(self.trio.wait(61))
            self.beat()
            self.trio.platform.tick(self.trio.now)
            if self._quiet():
                break
        assert self.trio.records() == {seq: record(seq) for seq in range(self.first, self.next)}
        assert self.trio.stores[PLATFORM].read(lambda view: view.gaps()) == []
        state = self.trio.stores[PLATFORM].read(lambda view: view.stream(OPERATOR, STREAM))
        assert state is not None
        assert (state.missing, state.complete_to) == ((), self.next - 1)

    def _quiet(self) -> bool:
        waiting = [
            letter
            for party in (OPERATOR, PLATFORM)
            for letter in self.trio.letters(party)
            if letter.state is LetterState.WAITING
        ]
        return not waiting and len(self.trio.records()) == self.next - self.first


TestCorridor = Corridor.TestCase
TestCorridor.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
