"""The store that a configuration names, and who of those that share it has the clockwork."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vgigw.errors import Misconfigured
from vgigw.gateway.gateway import silent
from vgigw.ports import Gauge, Limits, Observer, Store, Strain, Transaction, View
from vgigw.server.config import DATABASE, POSTGRES, SQLITE, Config
from vgigw.server.disk import DiskGauge, waiting_for
from vgigw.server.epoch_lock import FileLock
from vgigw.server.turn import LeasedTurn, Turn
from vgigw.stores.sqlite import SqliteStore
from vgigw.stores.trust import Told

T = TypeVar("T")

_NO_DRIVER = 'a store in PostgreSQL needs a driver: pip install "vgigw[postgres]"'


def store_of(
    config: Config,
    *,
    acknowledge_before_commit: bool = False,
    on_failure: Told = bool,
    observer: Observer = silent,
    bring_forward: bool = True,
) -> Store:
    """The store, opened; ``on_failure`` is told why it fails, ``observer`` how its log stands.

    Raises ``Misconfigured``, also for a store of an older vgigw where ``bring_forward`` is not
    meant: one that runs yet would fail with everything.
    """
    url = url_of(config)
    if url is None:
        return SqliteStore(
            config.state_dir / DATABASE,
            acknowledge_before_commit=acknowledge_before_commit,
            on_failure=on_failure,
            observer=observer,
            bring_forward=bring_forward,
        )
    try:
        from vgigw.stores.postgres import PostgresStore  # noqa: PLC0415 - an extra
    except ImportError as cause:
        raise Misconfigured(_NO_DRIVER) from cause
    return PostgresStore(
        url,
        acknowledge_before_commit=acknowledge_before_commit,
        on_failure=on_failure,
        bring_forward=bring_forward,
    )


def gauge_of(store: Store, limits: Limits) -> Gauge:
    """Reads how ``store`` stands; the disk of a shared one is not ours."""
    if isinstance(store, SqliteStore):
        return DiskGauge(store, store.path.parent, limits.disk_free_bytes)
    return lambda: Strain(waiting=waiting_for(store))


def turn_of(config: Config, store: Store) -> Turn:
    """Whose turn the clockwork of this store is. Raises ``Misconfigured``."""
    url = url_of(config)
    if url is None:
        return LeasedTurn(store, FileLock(config.state_dir))
    try:
        from vgigw.stores.postgres_lock import PostgresLock  # noqa: PLC0415 - an extra
    except ImportError as cause:
        raise Misconfigured(_NO_DRIVER) from cause
    return LeasedTurn(store, PostgresLock(url))


def looked_up(config: Config, query: Callable[[View], T]) -> T:
    """What ``query`` reads in the store; makes no file where there is none."""
    return _used(config, lambda store: store.read(query))


def changed(config: Config, work: Callable[[Transaction], T]) -> T:
    """What ``work`` changes in the store; makes no file where there is none."""
    return _used(config, lambda store: store.write(work))


def refuse_older(config: Config) -> None:
    """Raise ``Misconfigured`` for a store of an older vgigw, which may be running."""
    if url_of(config) is not None or (config.state_dir / DATABASE).exists():
        _used(config, lambda _: None)


def _used(config: Config, use: Callable[[Store], T]) -> T:
    database = config.state_dir / DATABASE
    if url_of(config) is None and not database.exists():
        raise Misconfigured(f"{database}: no store there yet; `vgigw serve` makes it")
    store = store_of(config, bring_forward=False)
    try:
        return use(store)
    finally:
        store.close()


def url_of(config: Config) -> str | None:
    """Where the shared store is; None = the embedded one. Raises ``Misconfigured``, which tells
    nothing of the address: it may hold a password."""
    text = config.secret(config.gateway.store, "gateway.store")
    if text == SQLITE:
        return None
    if not text.startswith(POSTGRES):
        raise Misconfigured("gateway.store: known are sqlite and postgresql://...")
    return text
