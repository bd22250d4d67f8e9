"""Ways that lead the machine to what each wrong variant of gateways lacks: its steps, by name.

A search has to meet such a way by luck. The right gateway goes the same way with nothing broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from tests.model.faults import AtCommit, OnLink
from tests.model.machine import Machine
from tests.trio import OPERATOR, PLATFORM


class Step(NamedTuple):
    """A rule of the machine, and what a search would have drawn for it."""

    rule: str
    drawn: Mapping[str, Any]


Way = tuple[Step, ...]


def step(rule: str, **drawn: Any) -> Step:
    return Step(rule, drawn)


_begin: Final = step("begin", held=0)
_both_work: Final = step("ack", size=1, number=0)


def go(way: Way, make_world: Callable[[], Any]) -> None:
    """Every invariant is asked after each step; in the end all faults are over, as in a search.

    Raises ``Violated``.
    """

    class Directed(Machine):
        pass

    Directed.make_world = staticmethod(make_world)
    machine = Directed()
    try:
        for each in way:
            getattr(machine, each.rule)(**each.drawn)
            machine.everything_holds()
    except BaseException:
        machine.world.close()
        raise
    machine.teardown()


WAYS: Final[Mapping[str, Way]] = {
    "commit before answer": (
        _begin,
        step("crash", party=PLATFORM, number=0, at=AtCommit.DIE_BEFORE),
    ),
    "content compared": (
        _begin,
        _both_work,
        step("send_retry", place=0, command=False, other=True),
    ),
    # The stream begins at 5, and then at 1: what is missing between is below the watermark.
    "watermark kept": (
        _begin,
        step("cut", party=OPERATOR, down=True),
        step("tick", seconds=1.0, size=1, number=0),
        step("cut", party=OPERATOR, down=False),
        step("send_retry", place=2, command=False, other=False),
        step("send_retry", place=0, command=False, other=False),
    ),
    "numbers in the transaction": (_begin, _both_work),
    "fence": (_begin, step("on_link", party=OPERATOR, fault=OnLink.TAKEN_OVER), _both_work),
    "numbers known to the receiver": (
        _begin,
        _both_work,
        step("send_retry", place=0, command=False, other=False),
    ),
    "delivered when answered": (
        _begin,
        step("on_link", party=OPERATOR, fault=OnLink.DROP),
        _both_work,
    ),
    "first answers": (_begin, step("send_retry", place=0, command=True, other=False)),
    # 3 and 4 are missing, their sender cannot send them yet, and is asked for them.
    "gaps closed by their data": (
        _begin,
        step("cut", party=OPERATOR, down=True),
        step("tick", seconds=1.0, size=1, number=0),
        step("cut", party=OPERATOR, down=False),
        step("send_retry", place=0, command=False, other=False),
        step("send_retry", place=2, command=False, other=False),
        step("expire", seconds=11.0, held=False),
        step("on_link", party=OPERATOR, fault=OnLink.DROP),
        _both_work,
    ),
    "end of a command": (_begin, _both_work, step("expire", seconds=125.0, held=True)),
    "every hop": (_begin,),
    "signature": (_begin, step("forge", how="signature")),
    # Refused, as what was only unreachable is due again when its peer is there; and a command, as
    # numbers of a stream come by its backlog, too.
    "another attempt": (
        _begin,
        step("disk_full", party=OPERATOR, full=True),
        _both_work,
        step("disk_full", party=OPERATOR, full=False),
    ),
    "mark of what was asked for": (
        _begin,
        _both_work,
        step("recall", first=1, size=2),
        step("tick", seconds=1.0, size=0, number=0),
        step("tick", seconds=1.0, size=0, number=0),
    ),
    "snapshot": (_begin, _both_work, step("recall", first=1, size=12)),
}
