"""The one thread that writes: it takes all works that wait, and they share one commit."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from vgigw.errors import Busy, StoreFailed, VgigwError
from vgigw.ports import Transaction
from vgigw.stores.crash_point import CrashPoint
from vgigw.stores.session import Reach, Session
from vgigw.stores.sql_transaction import SqlTransaction
from vgigw.stores.trust import Trust

T = TypeVar("T")

GROUP_WORKS = 256
GROUP_BYTES = 4 * 1024 * 1024

SLOW_WAIT_S = 3.0
"""A gateway that calls another one gives up after four seconds, and would not hear of it."""

_EARLY_HOLD_S = 0.05


class _Waiting:
    """A work, and what its caller waits for. ``work`` is None once it runs, or is not to run."""

    __slots__ = ("error", "gate", "result", "running", "work")

    def __init__(self, work: Callable[[Transaction], Any]) -> None:
        self.work: Callable[[Transaction], Any] | None = work
        self.running = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.gate = threading.Lock()
        self.gate.acquire()


class GroupWriter:
    """Runs works one after the other, each in a savepoint of its own, and commits them together.

    A lone work is committed at once; groups form by themselves while a commit is under way.
    The session belongs to the thread, which ends it when it ends itself. ``trust`` is told when
    the store has failed for good and everybody who waited was refused.

    Nobody waits longer than ``wait_s`` for others, nor for the commit: a slow disk is answered
    ``Busy``, and what waited is let go, so that it takes no memory.
    """

    def __init__(
        self,
        session: Session,
        *,
        trust: Trust,
        wait_s: float,
        acknowledge_before_commit: bool = False,
    ) -> None:
        self._session = session
        self._trust = trust
        self._wait_s = wait_s
        self._early = acknowledge_before_commit
        self._crash = CrashPoint.from_environment()
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._ending = False
        self.commits = 0
        self._thread = threading.Thread(target=self._serve, name="vgigw-store", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Transaction], T]) -> T:
        """Returns the work's result after the commit. Raises the work's own error, ``StoreFailed``
        or ``Busy``; after ``Busy`` the work may be durable all the same.
        """
        if threading.get_ident() == self._thread.ident:
            raise StoreFailed("a work may not write through the store again")
        waiting = _Waiting(work)
        with self._door:
            if self._closed:
                raise StoreFailed("the store is closed")
            self._queue.put(waiting)
        while not waiting.gate.acquire(timeout=self._wait_s):
            # Its own work may take as long as it needs.
            if not waiting.running:
                waiting.work = None
                raise Busy("the store is slow, try again")
        error, result = waiting.error, waiting.result
        if error is None:
            return result  # type: ignore[no-any-return]
        del waiting
        try:
            raise error
        finally:
            del error

    @property
    def waiting(self) -> int:
        """Works that nobody has begun."""
        return self._queue.qsize()

    def end(self) -> None:
        """Takes no more works; the thread finishes what waits, and ends. Does not wait for it."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)

    def close(self) -> None:
        """Finishes what waits, then ends the thread. A second call does nothing."""
        self.end()
        self._thread.join()

    def _serve(self) -> None:
        while not self._ending:
            first = self._queue.get()
            if first is None:
                break
            if self._trust.lost is not None:
                self._refuse(first, self._trust.lost)
            elif first.work is not None:
                self._group(first)
            # A work may hold its store, which could then not be forgotten while we wait.
            del first
        self._session.end()

    def _group(self, first: _Waiting) -> None:
        done = [first]
        try:
            tx = self._session.begin()
            self._run(tx, first)
            while len(done) < GROUP_WORKS and tx.bytes_written < GROUP_BYTES:
                waiting = self._next()
                if waiting is None:
                    break
                done.append(waiting)
                self._run(tx, waiting)
            self._commit()
        except BaseException as error:  # noqa: BLE001 - a caller that waits must be told
            self._give_up(done, error)
        if not self._early:
            for waiting in done:
                waiting.gate.release()
        self._trust.tell()

    def _next(self) -> _Waiting | None:
        try:
            waiting = self._queue.get_nowait()
        except queue.Empty:
            return None
        self._ending = waiting is None
        return waiting

    def _run(self, tx: SqlTransaction, waiting: _Waiting) -> None:
        work = waiting.work
        if work is None:
            return
        execute = self._session.execute
        execute("SAVEPOINT work")
        waiting.running, waiting.work = True, None
        try:
            waiting.result = work(tx)
        except BaseException as error:  # noqa: BLE001 - raised again where the work came from
            waiting.error = error
        waiting.running = False
        if tx.failure is not None:
            raise tx.failure
        if waiting.error is not None:
            execute("ROLLBACK TO work")
        execute("RELEASE work")
        if self._early:
            waiting.gate.release()

    def _commit(self) -> None:
        if self._early:
            # A store that loses, for tests: long enough for a kill at a random moment to find it.
            time.sleep(_EARLY_HOLD_S)
        crash = self._crash if self._session.changed else None
        if crash is not None:
            crash.passed("before-commit")
        self._session.commit()
        self.commits += 1
        if crash is not None:
            crash.passed("after-commit")

    def _give_up(self, done: list[_Waiting], error: BaseException) -> None:
        try:
            if self._session.in_transaction:
                self._session.rollback()
        except Exception as second:  # noqa: BLE001 - of whatever database it is
            error = second if self._session.reach_of(second) is Reach.STORE else error
        if self._session.reach_of(error) is Reach.STORE:
            self._trust.lose(error)
        for waiting in done:
            if waiting.error is None:
                waiting.error = self._told(error)

    def _refuse(self, waiting: _Waiting, cause: BaseException) -> None:
        waiting.error = self._told(cause)
        waiting.gate.release()

    def _told(self, cause: BaseException) -> VgigwError:
        error = self._session.translate(cause)
        error.__cause__ = cause
        return error
