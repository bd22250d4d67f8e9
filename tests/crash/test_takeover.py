"""Two served gateways share a store: one has the clockwork, and who lost it changes nothing.

F08, F10. Real processes, stopped and woken by signals.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.takeover import Stage, until
from tests.stores.postgres_server import Schemas, schemas
from vgigw.ports import Store

__all__ = ["schemas"]

pytestmark = pytest.mark.own_store("a takeover on either kind")

ROUNDS = int(os.environ.get("VGIGW_TAKEOVERS", "1"))
FROZEN_S = 15.0 if ROUNDS > 1 else 0.0
"""In the short form one takeover, and who stood still wakes as soon as it was followed."""

AWAKE_S = 2.0
"""Shorter than anybody is silent before he is followed."""

_AUDIT = """
CREATE TABLE audit (id BIGSERIAL, who TEXT, epoch BIGINT, what TEXT);
CREATE FUNCTION audit() RETURNS trigger AS $$ BEGIN
    INSERT INTO audit (who, epoch, what) SELECT current_setting('application_name'),
        (SELECT epoch FROM lease WHERE name = 'clockwork'), TG_TABLE_NAME;
    RETURN NULL; END $$ LANGUAGE plpgsql;
"""
_AUDITED = ("letter", "document", "journal", "counter", "answer", "gap", "stream")


class Sqlite:
    """Who wrote is not to be seen in a file: the other one stands still while we look."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder)
        self.stage.begin()

    def commits(self, who: str) -> int:
        return self.stage.store.read(lambda view: view.counter("store-commits"))

    def check(self) -> None: ...


class Postgres:
    """Each gateway has a name of its own there, which a trigger writes beside the epoch."""

    def __init__(self, folder: Path, schemas: Schemas) -> None:
        from vgigw.stores.postgres import PostgresStore

        url = schemas.url()
        self.schema = url.rpartition("=")[2]
        self.stage = Stage(folder, {name: _named(url, name) for name in ("a", "b")})

        def opened() -> Store:
            store = PostgresStore(_named(url, "test"))
            self._admin = schemas.admin
            self._admin.execute(f"SET search_path = {self.schema}")
            self._admin.execute(_AUDIT)
            for table in _AUDITED:
                self._admin.execute(
                    f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION audit()"
                )
            return store

        self.stage.begin(opened)

    def commits(self, who: str) -> int:
        found = self._admin.execute("SELECT count(*) FROM audit WHERE who = %s", (who,)).fetchone()
        return 0 if found is None else int(found[0])

    def check(self) -> None:
        """I5: what one changed in an epoch nobody else did, so no commit was one of the past."""
        found = self._admin.execute(
            "SELECT epoch, count(DISTINCT who) FROM audit WHERE who <> 'test' GROUP BY epoch"
        ).fetchall()
        assert found
        assert all(count == 1 for _, count in found), found


def _named(url: str, name: str) -> str:
    return url.rpartition("=")[0] + "=" + name


@pytest.fixture(params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sqlite | Postgres]:
    if request.param == "sqlite":
        found: Sqlite | Postgres = Sqlite(tmp_path)
    else:
        found = Postgres(tmp_path, request.getfixturevalue("schemas"))
    yield found
    found.stage.close()


def test_f08_who_stood_still_is_followed_and_then_commits_and_sends_nothing(
    shared: Sqlite | Postgres, record_property: Callable[[str, object], None]
) -> None:
    stage = shared.stage
    taken_s, old_commits, old_accepted = [], 0, 0
    holder, waits = "a", "b"
    for _ in range(ROUNDS):
        stage.send(5)
        until(stage.delivered)
        before, accepted = stage.epoch(), stage.dispatch.accepted[holder]
        # F09: it stands still between the look at its epoch and what it makes of the answer.
        stage.dispatch.withhold(holder)
        stage.send()
        until(lambda: stage.dispatch.accepted[holder] > accepted)  # noqa: B023 - called at once
        stage.pause(holder)
        stage.send(5)
        taken_s.append(until(lambda: stage.epoch() > before))  # noqa: B023 - called at once
        until(stage.delivered)
        time.sleep(max(FROZEN_S - taken_s[-1], 0.0))

        # The new one stands still as well: whatever happens now is done by the one that woke up.
        stage.pause(waits)
        stage.send(5)
        epoch = stage.epoch()
        commits, accepted = shared.commits(holder), stage.dispatch.accepted[holder]
        stage.dispatch.answer(holder)
        stage.gateways[holder].resume()
        time.sleep(AWAKE_S)
        assert stage.epoch() == epoch
        old_commits += shared.commits(holder) - commits
        old_accepted += stage.dispatch.accepted[holder] - accepted

        stage.gateways[waits].resume()
        until(stage.delivered)
        assert '"turn.lost"' in stage.gateways[holder].log()
        holder, waits = stage.who_holds()
    told = f"taken over after {[round(each, 2) for each in taken_s]} s"
    sys.stdout.write(f"{told}; old epoch: commits {old_commits}, accepted {old_accepted}\n")
    record_property("takeovers", told)
    assert (old_commits, old_accepted) == (0, 0)
    assert max(taken_s) < 10.0
    assert stage.each_applied_once()
    shared.check()
