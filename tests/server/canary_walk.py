"""A gateway asked any operation of the table, and what of each member stays to be seen. F86.

Each member of a request has a value of its own, by which it is found again wherever it is told.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import msgspec
import pytest
from click.testing import CliRunner
from falcon.testing import TestClient

from tests.cases import worlds
from tests.cases.case import Case, taken
from tests.cases.worlds import NOW, World
from tests.doors.breaking import Broken, sealed
from tests.doors.sealing import Sender
from tests.links import keys_for, suites_for
from tests.server.canaries import SECRETS, absent, kept
from tests.stores.fresh import fresh_store
from vgigw.cli import main
from vgigw.codec import json
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.envelope.wire import WireRequest
from vgigw.errors import Detail, InvalidObject, VgigwError
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import InformationObject, TokenRequest
from vgigw.operations import QUERY_TOKEN, Operation
from vgigw.platform_functions import plain
from vgigw.ports import Call, Courier, Identity, Letter
from vgigw.server.assembly import Gateway as Served
from vgigw.server.log import LogObserver
from vgigw.server.wsgi import WsgiApplication

BIRD: Final = "KIWI"
"""Begins each value by which a member is found."""
_SHORTEST: Final = 8
_BIRDS: Final = re.compile(f"{BIRD}([0-9]{{4}})", re.IGNORECASE)
COMMANDS: Final = ("outbox", "receipts", "recalls", "gaps")
"""Those that show what a store holds."""

At = tuple[str | int, ...]


class Place(NamedTuple):
    """A member of a request: where it is, which, and the number that tells it from others."""

    at: At
    member: Member
    number: int
    in_key: bool

    @property
    def fits(self) -> bool:
        """Whether a bird is a text that this member takes."""
        longest = self.member.max_length
        return self.member.kind is Kind.TEXT and (longest is None or longest >= _SHORTEST)

    @property
    def bird(self) -> str:
        """Of no other member."""
        return f"{BIRD}{self.number:04d}".ljust(self.member.min_length or 0, "0")

    @property
    def wrong(self) -> Iterator[tuple[At, Any]]:
        """What no member takes: a text that is too long, a name that is none, or an entry."""
        yield self.at, self.bird * 60
        if self.member.kind is Kind.MAP:
            yield self.at, {self.bird: self.bird}
        if isinstance(self.at[-1], str):
            yield (*self.at[:-1], self.bird), self.bird

    @property
    def may_be_named(self) -> bool:
        """Whether it says which object is meant, and of nobody who that is: letters, traces and
        the audit name it. An alarm that a peer told of is kept to be shown."""
        identifies = self.in_key or self.member.wire.endswith(("ID", "IDs", "Seq"))
        shown = self.member.wire == "AlarmCode"
        return (identifies or shown) and not self.member.described.sensitive


def places_of(operation: Operation, document: dict[str, Any]) -> list[Place]:
    """Every member at every depth of the request ``document``; of a list its first item."""
    walked = enumerate(_walked(operation.request, document, ()), 1)
    return [
        Place(at, member, number, len(at) == 1 and member.attribute in operation.key)
        for number, (at, member) in walked
    ]


def _walked(
    cls: type[InformationObject], document: dict[str, Any], at: At
) -> Iterator[tuple[At, Member]]:
    for member in shape_of(cls).members:
        if document.get(member.wire) in (None, []):
            continue
        value, here = document[member.wire], (*at, member.wire)
        if member.many:
            value, here = value[0], (*here, 0)
        if member.of is not None:
            yield from _walked(member.of, value, here)
        else:
            yield here, member


def put(document: dict[str, Any], at: At, value: Any) -> dict[str, Any]:
    """A copy of ``document`` with ``value`` at a place."""
    changed: Any = copy.deepcopy(document)
    inner = changed
    for part in at[:-1]:
        inner = inner[part]
    inner[at[-1]] = value
    return changed  # type: ignore[no-any-return]


class Asked(World):
    """The gateway of a case, on ``door`` by ``suite``, that tells the log; and who asks it."""

    def __init__(self, case: Case, door: str, suite: str) -> None:
        super().__init__(case.served, suite=suite)
        self.door, self.case = door, case
        self.request = case.last.asked(taken(self, door, case.before))
        self.operation, self.caller = case.last.operation, case.last.party
        self.document: dict[str, Any] = json.parse(json.encode(self.request))
        self.places = places_of(self.operation, self.document)
        served: Any = self.served
        self._client = TestClient(WsgiApplication(served, self.clock))
        secret = SECRETS.operator_secret.decode()
        shown = TokenRequest(operator_id=self.caller, operator_secret=secret)
        given: Any = self.call(door, self.caller, QUERY_TOKEN, shown)
        self.token = str(given.access_token)
        keys = keys_for(suite, self.caller, self.party, SECRETS)
        token = self.token if self.operation.needs_token else None
        self._sender = Sender(
            self.caller, token, NOW, keys, suites_for(suite)[suite], to=self.party
        )

    def give(self, document: dict[str, Any]) -> Any:
        """The answer to ``document``."""
        return self.answer(self.sealed(document))

    def sealed(self, document: dict[str, Any]) -> WireRequest:
        """``document`` as a genuine message, whatever it says."""
        return sealed(self.door, self._sender, Broken(self.operation, self.document, document, ()))

    def answer(self, wire: WireRequest, **headers: str) -> Any:
        """What the application answers, in which no secret stands."""
        answer = self._client.simulate_request(
            wire.method,
            wire.path,
            query_string=wire.query,
            body=wire.body,
            headers={**wire.headers, **headers},
            extras={"REMOTE_ADDR": "127.0.0.1"},
        )
        absent(f"{answer.headers}{answer.text}", self.token)
        return answer

    def all_birds(self) -> dict[str, Any]:
        """The request with a bird in each text that can hold one."""
        document = self.document
        for place in self.places:
            if place.fits:
                document = put(document, place.at, place.bird)
        return document

    @property
    def gateways(self) -> list[Gateway]:
        return [self.served, *self._callers.values()]

    @property
    def tokens(self) -> list[str]:
        """All that were given to anybody."""
        held = [each._exchanges._tokens.values() for each in self._callers.values()]
        return [self.token, *(token for some in held for token, _ in some)]

    def shown(self, patch: pytest.MonkeyPatch) -> dict[str, str]:
        """What the stores keep to be shown, and what the commands show of them."""
        told = {"store": "\n".join(kept(each.store) for each in self.gateways)}
        for name in COMMANDS:
            told[name] = _ran(name, self.served, patch)
        return told

    def seen_in(self, text: str) -> set[str]:
        """The members whose birds stand in ``text`` and that nobody may name."""
        by_number = {f"{place.number:04d}": place for place in self.places}
        found = {by_number.get(number) for number in _BIRDS.findall(text)}
        return {place.member.wire if place else "?" for place in found if not _named(place)}

    def refused_by_a_peer(self, patch: pytest.MonkeyPatch) -> list[Letter]:
        """What stays of a letter that a peer refuses in words that repeat what it was sent."""
        caller = self._caller(self.caller, self.door)
        try:
            request = json.decode(self.operation.request, msgspec.json.encode(self.all_birds()))
        except InvalidObject:  # one member has to be as another says
            request = self.request
        known = self.served._inbound._handlers
        handlers = {**dict.fromkeys(known, _repeating), QUERY_TOKEN.name: known[QUERY_TOKEN.name]}
        patch.setattr(self.served._inbound, "_handlers", handlers)
        try:
            caller.send(self.party, self.operation, request, self.clock.now())
        except VgigwError:  # what it never had it cannot tell of
            return []
        caller.deliver(self.party, self.clock.now())
        letters = caller.store.read(lambda view: view.letters(destination=self.party))
        return [each for each in letters if each.operation == self.operation.name]

    def _gateway(self, identity: Identity, couriers: dict[str, Courier]) -> Gateway:
        if not couriers:
            return Served(
                identity,
                fresh_store(),
                functions=plain(),
                sender=self.net,
                observer=LogObserver(),
            )
        return Gateway(
            identity=identity,
            store=fresh_store(),
            duties=builtin(identity, functions=plain()),
            couriers=couriers,
            sender=self.net,
            observer=LogObserver(),
        )


def _named(place: Place | None) -> bool:
    return place is not None and place.may_be_named


def _repeating(call: Call, _: object) -> NoReturn:
    """Refuses as a peer may that says what it was sent."""
    sent = call.canonical.decode()
    raise InvalidObject(f"no: {sent}"[:200], (Detail("/", "type", f"not {sent}"[:200]),))


def with_canaries(patch: pytest.MonkeyPatch) -> None:
    """Every link of a world has the secrets that must come out nowhere."""
    patch.setattr(worlds, "SECRETS", SECRETS)


def _ran(name: str, gateway: Gateway, patch: pytest.MonkeyPatch) -> str:
    """What ``vgigw name`` shows of the store of ``gateway``."""
    patch.setattr(f"vgigw.cli.{name}.looked_up", lambda _, look: gateway.store.read(look))
    ran = CliRunner().invoke(main, [name, "-c", str(Path(__file__)), "--json"])
    assert ran.exit_code == 0, ran.output
    return ran.output
