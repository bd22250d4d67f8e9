"""The stage: a gateway process, an operator and a dispatch system around it, links that can be cut.

Everything lives in one folder that is removed at the end, and on free ports of loopback.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, TypeVar

from vgigw.operations import Role
from vgigw.ports import View
from vgigw.rules.gap import Gap
from vgigw.server.config import DATABASE
from vgigw.testing.demo.findings import Figures, Load
from vgigw.testing.demo.parties import DISPATCH, OPERATOR, Party, write_configuration
from vgigw.testing.demo.stored import look, look_at_copy
from vgigw.testing.fleet import Fleet
from vgigw.testing.gateway_process import GatewayProcess, free_port
from vgigw.testing.simulators.account import Comparison, compare
from vgigw.testing.simulators.dispatch import DispatchSimulator
from vgigw.testing.simulators.operator import OperatorSimulator
from vgigw.testing.simulators.tally import Tally
from vgigw.testing.tcp_link import TcpLink

T = TypeVar("T")

_SEED = 20260701
_DOORS = ("cec102", "rest", "soap")


class Stage:
    """Set up by ``with``; on leaving, everything that was started ends."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.figures = Figures()
        self.to_gateway = Tally()
        self.outage: tuple[datetime, datetime] | None = None
        """From when to when the link was cut."""
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def look(self, query: Callable[[View], T]) -> T:
        """``query`` on the gateway's store, while the gateway runs."""
        return look(self._store, query)

    def compare(self) -> Comparison:
        """What the operator was told is stored, against what is."""
        return self.look(lambda view: compare(self.operator.account, view, OPERATOR))

    def compare_remains(self) -> Comparison:
        """The same on a copy of the store as a kill left it."""
        folder = self.folder / f"remains-{self.gateway.kills}"
        account = self.operator.account
        return look_at_copy(self._store, folder, lambda view: compare(account, view, OPERATOR))

    def gaps(self) -> list[Gap]:
        """The open gaps of the operator's streams."""
        return [gap for _, _, gap in self.look(lambda view: view.gaps(OPERATOR))]

    def cut_link(self) -> None:
        """Part operator and gateway, in both directions."""
        self._link_up.cut()
        self._link_down.cut()

    def mend_link(self) -> None:
        """Let operator and gateway reach each other again."""
        self._link_up.mend()
        self._link_down.mend()

    def _set_up(self) -> None:
        keep = self._closing.enter_context
        self.folder = Path(keep(TemporaryDirectory(prefix="vgigw-demo-")))
        self._store = self.folder / "platform" / DATABASE
        port = free_port()
        self.operator_party = Party(OPERATOR, Role.OPERATOR, _DOORS, "cec102")
        dispatch_party = Party(DISPATCH, Role.DISPATCH, ("soap",), "soap")
        self._link_up = self._closed_later(TcpLink(port))
        base = f"http://127.0.0.1:{self._link_up.port}/evcs/v1"
        self.operator = self._closed_later(
            OperatorSimulator(
                Fleet(_SEED, OPERATOR, self.load.stations, self.load.connectors),
                self.operator_party.platform_at(base),
                self.folder,
                self.to_gateway,
            )
        )
        self._link_down = self._closed_later(TcpLink(self.operator.port))
        url = f"http://127.0.0.1:{port}"
        self.dispatch = self._closed_later(
            DispatchSimulator(
                DISPATCH, dispatch_party.platform_at(f"{url}/soap"), self.folder, self.to_gateway
            )
        )
        peers = [
            self.operator_party.section(f"http://127.0.0.1:{self._link_down.port}/evcs/v1"),
            dispatch_party.section(f"http://127.0.0.1:{self.dispatch.port}/soap"),
        ]
        configuration = self.folder / "vgigw.toml"
        write_configuration(configuration, port, peers)
        self.gateway = self._closed_later(GatewayProcess(configuration, port))
        self.operator.start()
        self.gateway.start()

    def _closed_later(self, part: T) -> T:
        self._closing.callback(part.close)  # type: ignore[attr-defined]
        return part
