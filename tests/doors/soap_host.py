"""Gateways behind one granian server: each world has a number, an empty store and a still clock.

``/{world}/{party}/...`` is what ``party`` serves in that world, mounted there as an integrator
mounts it; ``/{world}/{party}/act`` is no door but lets a test say what that gateway does by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.cases.worlds import NOW, identity_of
from tests.stores.fresh import fresh_store
from vgigw.codec.json import accept
from vgigw.operations import BY_NAME
from vgigw.platform_functions import plain
from vgigw.server.assembly import Gateway
from vgigw.server.wsgi import WsgiApplication
from vgigw.testing.loopback import FakeClock, LoopbackSender

CLOCK = FakeClock(NOW)


MOST_WORLDS = 4


class Host:
    """Makes a world when it is first asked for, and forgets the oldest of more than a few."""

    def __init__(self) -> None:
        self._worlds: dict[tuple[str, str], tuple[Gateway, WsgiApplication]] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        _, world, *path = environ["PATH_INFO"].split("/")
        if world == "readyz":
            start_response("200 OK", [("content-type", "text/plain")])
            return [b"ready\n"]
        party, *rest = path
        gateway, served = self._world(world, party)
        if rest == ["act"]:
            _act(gateway, json.loads(environ["wsgi.input"].read()))
            start_response("204 No Content", [])
            return []
        environ["SCRIPT_NAME"] = f"/{world}/{party}"
        environ["PATH_INFO"] = "/" + "/".join(rest)
        return served(environ, start_response)

    def _world(self, world: str, party: str) -> tuple[Gateway, WsgiApplication]:
        found = self._worlds.get((world, party))
        if found is None:
            sender = LoopbackSender(CLOCK)
            gateway = Gateway(identity_of(party), fresh_store(), functions=plain(), sender=sender)
            found = gateway, WsgiApplication(gateway, CLOCK)
            self._worlds[world, party] = found
        while len(self._worlds) > MOST_WORLDS:
            oldest, _ = self._worlds.pop(next(iter(self._worlds)))
            oldest.close()
        return found


def _act(gateway: Gateway, told: dict[str, Any]) -> None:
    operation = BY_NAME[told["operation"]]
    gateway.send(told["to"], operation, accept(operation.request, told["request"]), NOW)


def application() -> Host:
    """Factory for granian's worker."""
    return Host()
