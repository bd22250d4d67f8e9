"""The checks of ``vgigw doctor`` on the store: it opens, nothing in it is damaged."""

from __future__ import annotations

from collections.abc import Iterator

from vgigw.cli.findings import Finding, State
from vgigw.errors import StoreDamaged, VgigwError
from vgigw.server.config import DATABASE, Config
from vgigw.server.stores import looked_up, url_of
from vgigw.server.turn import LEASE
from vgigw.stores.sqlite_verify import verify as damage_of

_RESTORE = (
    "stop the gateway and restore a backup; or move the store away, start with an empty one, and "
    "recall from the peers"
)
_NEW_LEASE = (
    "stop every gateway on this store, then take the row away, for a new one is made: "
    "DELETE FROM lease"
)


def store_of_gateway(config: Config, *, verify: bool) -> Iterator[Finding]:
    """Whether the store opens and the clockwork can find its lease there; with ``verify``, whether
    every record of an embedded store is what was stored, which takes a while."""
    database = config.state_dir / DATABASE
    try:
        shared = url_of(config) is not None
        name = "PostgreSQL" if shared else str(database)
        if not shared and not database.exists():
            yield Finding(State.OK, "store", f"{name}, made at the first start")
            return
        streams = len(looked_up(config, lambda view: view.streams()))
    except VgigwError as fault:
        yield Finding(State.FAIL, "store", fault.message, "see above, or restore a backup")
        return
    yield Finding(State.OK, "store", f"{name}, {streams} streams")
    yield from _lease(config)
    if verify and shared:
        advice = "see the server's own checks: data_checksums, pg_amcheck"
        yield Finding(State.WARN, "records", "of a shared store are not read", advice)
    elif verify:
        found = damage_of(database)
        for line in found:
            yield Finding(State.FAIL, "records", line, _RESTORE)
        if not found:
            yield Finding(State.OK, "records", "every one is what was stored")


def _lease(config: Config) -> Iterator[Finding]:
    try:
        looked_up(config, lambda view: view.lease(LEASE))
    except StoreDamaged:
        what = "its lease is damaged: what is to go out waits"
        yield Finding(State.FAIL, "clockwork", what, _NEW_LEASE)
