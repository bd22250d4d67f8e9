"""``vgigw send``: one message to a peer, now or by way of the outbox."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
import msgspec
import stamina

from vgigw.cli.opened import gateway_of
from vgigw.cli.options import config_option, json_option, print_json
from vgigw.codec import json
from vgigw.errors import Misconfigured, PeerUnreachable
from vgigw.objects import InformationObject
from vgigw.operations import (
    APPROVE_MAINTENANCE,
    BY_CEC102,
    BY_NAME,
    DECIDE_ACCESS,
    NOTIFY_SANCTION,
    Operation,
)
from vgigw.server.assembly import Gateway

OWN_ACTS = frozenset(row.name for row in (NOTIFY_SANCTION, DECIDE_ACCESS, APPROVE_MAINTENANCE))
"""What is in force here by being kept: told without, the party would believe what is not so."""


class OperationName(click.ParamType[Operation]):
    """An operation by its SOAP or its T/CEC 102 name, in any case of letters."""

    name = "operation"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Operation:
        known = {name.lower(): row for name, row in (BY_NAME | BY_CEC102).items()}
        row = known.get(value.lower())
        if row is None:
            near = difflib.get_close_matches(value.lower(), known, n=1, cutoff=0.0)
            self.fail(f"unknown operation {value}; the nearest known one is {known[near[0]].name}")
        return row


@click.command()
@click.argument("peer")
@click.argument("operation", type=OperationName())
@click.argument("file", type=click.File("rb"))
@config_option
@click.option("--queue", is_flag=True, help="Put it into the outbox; `vgigw serve` delivers it.")
@click.option(
    "--tries",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Attempts while the peer cannot be reached; the same message each time.",
)
@json_option
def send(
    peer: str,
    operation: Operation,
    file: BinaryIO,
    config: Path,
    queue: bool,
    tries: int,
    as_json: bool,  # noqa: ARG001 - the reply is JSON in any case
) -> None:
    """Send FILE, a request object as JSON (- for stdin), to PEER; the reply is printed as JSON.

    OPERATION is a name such as PushArchive or notification_stationInfo.
    """
    request = json.decode(operation.request, file.read())
    with gateway_of(config) as gateway:
        if peer not in gateway.identity.peers:
            known = ", ".join(gateway.identity.peers) or "none"
            raise Misconfigured(f"{peer} is not a peer in {config}; there are: {known}")
        if operation.name in OWN_ACTS and not queue:
            raise click.UsageError(f"{operation.name} is an act of this gateway: give --queue")
        if queue:
            letter = gateway.send(peer, operation, request, datetime.now(UTC))
            print_json({"letter": letter, "peer": peer, "operation": operation.name})
            return
        reply = call_until_reached(gateway, peer, operation, request, tries)
    print_json(msgspec.Raw(json.encode(reply)))


def call_until_reached(
    gateway: Gateway, peer: str, operation: Operation, request: InformationObject, tries: int
) -> InformationObject:
    """The peer's reply. Raises ``PeerUnreachable`` after ``tries`` attempts, ``PeerRefused``."""
    for attempt in stamina.retry_context(on=PeerUnreachable, attempts=tries, timeout=None):
        with attempt:
            return gateway.call(peer, operation, request, datetime.now(UTC))
    raise PeerUnreachable
