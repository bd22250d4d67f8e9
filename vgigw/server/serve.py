"""``vgigw serve``: the WSGI application on granian, with the clockwork, until SIGTERM."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import resource
import signal
import threading
from multiprocessing import util
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from vgigw.gateway.room import Room
from vgigw.server.assembly import Gateway, SystemClock
from vgigw.server.config import load
from vgigw.server.config_peers import check_served
from vgigw.server.key_watch import KeyThread
from vgigw.server.log import LogObserver, configure
from vgigw.server.slow_bodies import SlowLinks, SlowLinksThread
from vgigw.server.stores import store_of, turn_of
from vgigw.server.ticker import Ticker
from vgigw.stores.crash_point import VARIABLE

if TYPE_CHECKING:
    from vgigw.server.wsgi import WsgiApplication

_CONFIG = "VGIGW_CONFIG"
_PR_SET_PDEATHSIG = 1
_FAILED = 70
_LAST_ANSWERS_S = 0.25
_HEADERS_S = 10
"""In which the headers of a request must have come, and another request on a connection. F79"""
_READERS = 2_048
"""Threads for bodies that come slowly; each is made when it is needed, and takes some 64 KiB."""
_MOST_CONNECTIONS = 16_384
_BACKLOG = 4_096
_OTHER_FILES = 512
LOSE = "VGIGW_TEST_ACKNOWLEDGE_BEFORE_COMMIT"
"""Test switch: set to 1, the store acknowledges some time before its commit, and loses on a kill.
"""


_LOG_TO_STDERR = {
    "handlers": {
        name: {"formatter": name, "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
        for name in ("generic", "access")
    },
    "loggers": {"_granian": {"handlers": ["generic"], "level": "INFO", "propagate": False}},
}
"""granian itself would write to stdout, which belongs to the result of a command."""


def switches_on() -> tuple[str, ...]:
    """Names of the test switches that are on in this environment; with any, data is lost."""
    found = [LOSE] if os.environ.get(LOSE) == "1" else []
    return (*found, *([VARIABLE] if os.environ.get(VARIABLE) else []))


def serve(path: Path) -> None:
    """Serve until SIGTERM or SIGINT. Raises ``Misconfigured`` before anything is opened."""
    from granian import Granian  # noqa: PLC0415 - an extra, and heavy
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    config = load(path)
    check_served(config.peers, config.listen)
    os.environ[_CONFIG] = str(path.resolve())
    Granian(
        "vgigw.server.serve:application",
        address=config.listen.host,
        port=config.listen.port,
        interface=Interfaces.WSGI,
        workers=config.listen.workers,
        # Who waits has a thread, too, and who is refused must not wait for one.
        blocking_threads=Room(config.limits, config.listen.threads).threads + _READERS,
        # A connection that says nothing has an end in HTTP/1 only: the server would wait for ever
        # to be told which version it is.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_S * 1000),
        # Connections over this are not accepted, so that silent ones must not be able to fill it.
        backpressure=_connections(),
        backlog=_BACKLOG,
        websockets=False,
        log_enabled=config.log.level == "debug",
        log_dictconfig=_LOG_TO_STDERR,
        workers_kill_timeout=10,
        factory=True,
        respawn_failed_workers=True,
        respawn_interval=0.5,
    ).serve()


def _connections() -> int:
    """How many connections a worker holds at once: as many as it may open, less its own files."""
    may_open, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if may_open == resource.RLIM_INFINITY:
        may_open = _MOST_CONNECTIONS
    return max(min(_MOST_CONNECTIONS, may_open - _OTHER_FILES), 256)


def application() -> WsgiApplication:
    """Factory that granian calls in each worker process."""
    _end_with_parent()
    path = Path(os.environ[_CONFIG])
    config = load(path)
    configure(config.log.level, config.log.format)
    for name in switches_on():
        structlog.get_logger().error(
            "test-switch.on", switch=name, what="a TEST switch is on: data will be lost"
        )
    observer = LogObserver()
    store = store_of(
        config,
        acknowledge_before_commit=os.environ.get(LOSE) == "1",
        on_failure=_start_anew,
        observer=observer,
    )
    turn = turn_of(config, store)
    gateway = Gateway.from_config(path, store=store, observer=observer, fence=turn)
    ticker = Ticker(gateway, SystemClock(), turn)
    ticker.start()
    keys = None if gateway.key_watch is None else KeyThread(gateway.key_watch, SystemClock())
    if keys is not None:
        keys.start()

    gateway.room.readers = _READERS
    served = gateway.wsgi()
    slow = SlowLinksThread(SlowLinks(served.bodies, config.listen.port))
    slow.start()

    def stop() -> None:
        slow.stop()
        if keys is not None:
            keys.stop()
        ticker.stop()
        gateway.close()

    # A worker process leaves by multiprocessing's exit, which does not run atexit.
    util.Finalize(None, stop, exitpriority=10)
    atexit.register(stop)
    return served


def _start_anew(error: BaseException) -> None:
    """Leave as soon as those who wait are told: the next worker opens the store again, which
    verifies what is there. What a failed disk says of its pages cannot be relied on by whoever saw
    it fail (F18, F19); until then the store refuses everything."""
    what = "the worker ends, and another one is started"
    cause = getattr(error, "sqlite_errorname", type(error).__name__)
    structlog.get_logger().error("store.failed", what=what, cause=cause)
    last = threading.Timer(_LAST_ANSWERS_S, os._exit, (_FAILED,))
    last.daemon = True
    last.start()


def _end_with_parent() -> None:
    """Ask Linux for SIGTERM when the main process dies: an orphan would keep the port."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
