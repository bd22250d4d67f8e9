"""A gateway of a configuration, opened for one command beside a server that may be running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from vgigw.ports import Transaction, View
from vgigw.server import stores
from vgigw.server.assembly import Gateway
from vgigw.server.config import load
from vgigw.server.log import configure

T = TypeVar("T")


@contextmanager
def gateway_of(path: Path) -> Iterator[Gateway]:
    """The gateway of a configuration file; its log goes to stderr. Raises ``Misconfigured``."""
    config = load(path)
    configure("warning", config.log.format)
    stores.refuse_older(config)
    gateway = Gateway.from_config(path)
    try:
        yield gateway
    finally:
        gateway.close()


def looked_up(path: Path, query: Callable[[View], T]) -> T:
    """What ``query`` reads in the store; makes no store where there is none."""
    return stores.looked_up(load(path), query)


def changed(path: Path, work: Callable[[Transaction], T]) -> T:
    """What ``work`` changes in the store; makes no store where there is none."""
    return stores.changed(load(path), work)
