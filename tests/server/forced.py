"""Points of the corridor that are made to raise, with key material and the request in the text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.links import suites_for
from tests.server.canaries import failing
from vgigw.errors import StoreFailed
from vgigw.gateway import Gateway


def caused_failure(*arguments: object) -> None:
    """A failure of ours with a library's words beneath."""
    try:
        failing(*arguments)
    except Exception as cause:
        raise StoreFailed() from cause


def force(gateway: Gateway, suite: str, point: str, patch: pytest.MonkeyPatch) -> None:
    """From now on ``point`` raises with key material in its text, and what it was handed."""
    inbound, store = gateway._inbound, gateway.store
    match point:
        case "store.write" | "store.read":
            patch.setattr(store, point.partition(".")[2], failing)
        case "handler" | "handler.caused":
            raises: Any = failing if point == "handler" else caused_failure
            patch.setattr(inbound, "_handlers", dict.fromkeys(inbound._handlers, raises))
        case "suite.verify" | "suite.decrypt" | "suite.sign" | "suite.encrypt":
            own = type(suites_for(suite)[suite])
            patch.setattr(own, point.partition(".")[2], failing)
            for place in ON_REST.get(point, ()):
                patch.setattr(place, failing)
        case "gate":
            patch.setattr(inbound._guards, "_gate", failing)
        case "tracer":
            patch.setattr(type(inbound._tracer), "stored", failing)
        case "observer":
            patch.setattr(type(gateway._telling), "accepted", failing)
        case _:
            patch.setattr(inbound, f"_{point}", failing)


POINTS = (
    "store.write",
    "store.read",
    "handler",
    "handler.caused",
    "suite.verify",
    "suite.decrypt",
    "suite.encrypt",
    "suite.sign",
    "gate",
    "screen",
    "witness",
    "tracer",
    "observer",
)

ON_REST = {
    "suite.verify": ("vgigw.envelope.rest.verify",),
    "suite.sign": ("vgigw.doors.rest.door.http_signer",),
}
"""RFC 9421 has signers of its own."""
