"""Several machines of one gateway on one store, each with a ring of its own. ACC-5.8."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_two_gateways import OPERATOR, PLATFORM
from tests.server.test_key_watch import Pair, notice, quick
from tests.stores.postgres_server import Schemas, schemas
from vgigw import Gateway, MemoryStore
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import KeyState
from vgigw.operations import NOTIFY_KEY_CHANGE
from vgigw.ports import LetterState, Store
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of
from vgigw.stores.postgres import PostgresStore

__all__ = ["quick", "schemas"]

pytestmark = pytest.mark.own_store("one that machines share, and one that they do not")


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    found: Schemas = request.getfixturevalue("schemas")
    made = PostgresStore(found.url())
    yield made
    made.close()


class Machines:
    """The platform on two machines, whose rings were the same once; the operator on one."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.pair = Pair(folder, "intl", store=store)
        config = self.pair.two.config(PLATFORM)
        self.other_config = folder / "other" / config.name
        shutil.copytree(config.parent, self.other_config.parent)
        self.other = Gateway.from_config(self.other_config, store=store, sender=self.pair.two.line)

    def look(self, times: int = 1) -> None:
        """The keys of each process, a second apart; nobody here has the clockwork."""
        for _ in range(times):
            self.pair.later(seconds=1.1)
            for gateway in (*self.pair.gateways.values(), self.other):
                assert gateway.key_watch is not None
                gateway.key_watch.look(self.pair.now())

    def rings(self) -> tuple[KeyRing, KeyRing]:
        return self.pair.ring(PLATFORM), ring_of(load(self.other_config))


def test_notice_comes_into_the_ring_of_each_machine(tmp_path: Path, store: Store) -> None:
    machines = Machines(tmp_path, store)
    pair = machines.pair
    pair.tell(OPERATOR, notice())
    machines.look()
    for ring in machines.rings():
        assert ring.record(Place(OPERATOR, "new")).state is KeyState.ACTIVE
    audited = [each for each in pair.audited(PLATFORM) if each[0] == f"{OPERATOR}/new/active"]
    assert len(audited) == 2


def test_what_another_machine_kept_long_ago_by_its_clock_is_followed_in_time(
    tmp_path: Path, store: Store
) -> None:
    machines = Machines(tmp_path, store)
    pair = machines.pair
    pair.later(minutes=40)
    machines.look(2)
    now = pair.now()
    pair.later(minutes=-30)
    pair.gateways[OPERATOR].call(PLATFORM, NOTIFY_KEY_CHANGE, notice(), pair.now())
    pair.two.clock.move_to(now)
    machines.look(25)
    for ring in machines.rings():
        assert ring.record(Place(OPERATOR, "new")).state is KeyState.ACTIVE


def test_key_of_ours_that_one_machine_revokes_ends_on_the_other(
    tmp_path: Path, store: Store
) -> None:
    machines = Machines(tmp_path, store)
    machines.look(2)
    machines.pair.two.keys(PLATFORM, "revoke", "encrypt", "--yes")
    machines.look(3)
    for ring in machines.rings():
        record = ring.record(Place(PLATFORM, "encrypt"))
        assert (record.state, record.sealed) == (KeyState.REVOKED, None)


def test_machines_tell_a_peer_once_and_never_backwards(tmp_path: Path, store: Store) -> None:
    machines = Machines(tmp_path, store)
    pair = machines.pair
    machines.look(3)
    # The other machine does not know the successor: for it the old key is still the active one.
    pair.two.keys(PLATFORM, "rotate", "encrypt", "encrypt-2", "--at-once")
    machines.look(3)
    letters = store.read(
        lambda view: [
            letter.message_id
            for letter in view.letters(state=LetterState.WAITING)
            if letter.operation == NOTIFY_KEY_CHANGE.name
        ]
    )
    assert sorted(letters) == ["encrypt-2/2", "encrypt/2", "encrypt/3", "sign/2"]
