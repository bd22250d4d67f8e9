"""One process of a party: its gateway, its link, its turn; and what a fence lets the ledger see."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.model.broken import Lacks
from tests.model.faults import Link
from vgigw.gateway import Gateway
from vgigw.ports import View
from vgigw.server.turn import LeasedTurn


class NoLock:
    """A lock that tells nothing, as one on a machine that hangs."""

    def take(self, epoch: int) -> bool:
        return True

    def free(self, epoch: int) -> bool:
        return False

    def let_go(self) -> None:
        return None

    def close(self) -> None:
        return None


@dataclass
class Running:
    """One process."""

    gateway: Gateway
    link: Link
    turn: LeasedTurn | None
    asked: list[int] = field(default_factory=list)
    """The epoch that the transaction at hand was asked for by the clockwork, if it was."""
    paused: ExitStack | None = None
    at_work: bool = False


class Fence:
    """Asks the turn, and lets the ledger see with what epoch a clockwork commits."""

    def __init__(self, turn: LeasedTurn, asked: list[int], lacks: Lacks) -> None:
        self._turn, self._asked, self._lacks = turn, asked, lacks

    def check(self, view: View) -> None:
        epoch = self._turn.epoch
        if "fence" not in self._lacks:
            self._turn.check(view)
        self._asked[:] = [epoch]
