"""Wrong variants: each lacks one thing, and the machine has to find out which invariant breaks."""

from __future__ import annotations

from tests.model.faults import Process
from vgigw.ports import Transaction

Lacks = frozenset[str]


def transaction_of(tx: Transaction, lacks: Lacks, process: Process) -> Transaction:
    return tx
