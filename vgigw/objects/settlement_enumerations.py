"""Enumerations of settlement: cycles, levels, states 清分结算. PLT-6.6, PLT-6.7, JES-6.5.4."""

from __future__ import annotations

from enum import IntEnum


class SettlementCycle(IntEnum):
    """How often is settled 结算周期. JES-6.5.4b."""

    MONTHLY = 1
    REAL_TIME = 2
    PER_EVENT = 3
    DAILY = 4


class VerifySource(IntEnum):
    """Where the verified energy comes from 核定来源. PLT-6.6."""

    EXCHANGE = 1
    SUPERVISION_PLATFORM = 2
    METER = 3


class ShareLevel(IntEnum):
    """Level of the graded distribution 收益分配层级. JES-6.5.4a."""

    AGGREGATOR = 1
    OPERATOR = 2
    USER = 3


class StatementState(IntEnum):
    """State of a statement 单据状态."""

    DRAFT = 1
    ISSUED = 2
    CONFIRMED = 3
    DISPUTED = 4
    FINAL = 5


class ReconcileState(IntEnum):
    """State of reconciliation 对账状态. JES-6.5.4c."""

    OPEN = 0
    EQUAL = 1
    DIFFERS = 2
    DISPUTED = 3


class InvoiceState(IntEnum):
    """State of an electronic invoice 发票状态; REVERSED: a red-letter invoice. JES-6.5.4c."""

    NOT_ISSUED = 0
    ISSUED = 1
    VOIDED = 2
    REVERSED = 3
