"""The operations table: one row an operation. SOAP, REST, T/CEC 102, clients, WSDL, docs read it.

A row holds data only. A new one stands in the module of its kind and is in the table by that.
"""

from __future__ import annotations

from types import ModuleType

from vgigw.operations import (
    archives,
    charging,
    control,
    link,
    market,
    network,
    notices,
    services,
    telemetry,
)
from vgigw.operations.archives import *
from vgigw.operations.charging import *
from vgigw.operations.control import *
from vgigw.operations.link import *
from vgigw.operations.market import *
from vgigw.operations.network import *
from vgigw.operations.notices import *
from vgigw.operations.row import FACES as FACES
from vgigw.operations.row import Direction as Direction
from vgigw.operations.row import Lane as Lane
from vgigw.operations.row import Operation as Operation
from vgigw.operations.row import Role as Role
from vgigw.operations.secured import EXCHANGE_SECURED as EXCHANGE_SECURED
from vgigw.operations.services import *
from vgigw.operations.telemetry import *
from vgigw.operations.version import CONTRACT as CONTRACT
from vgigw.operations.version import ContractVersion as ContractVersion

_MODULES = (link, archives, network, telemetry, charging, control, market, notices, services)


def _rows_in(module: ModuleType) -> tuple[Operation, ...]:
    return tuple(row for row in vars(module).values() if isinstance(row, Operation))


OPERATIONS: tuple[Operation, ...] = tuple(row for module in _MODULES for row in _rows_in(module))
PUBLISHED: tuple[Operation, ...] = (*OPERATIONS, EXCHANGE_SECURED)
"""What is described to peers: the table, and the row that carries any of it encrypted."""

BY_NAME: dict[str, Operation] = {row.name: row for row in OPERATIONS}
BY_CEC102: dict[str, Operation] = {name: row for row in OPERATIONS for name in row.cec102}
