"""What one row of the operations table holds, and what is derived from it. ACC-7.6."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import cache

import msgspec

from vgigw.objects.declaration import Grade, InformationObject


class Role(StrEnum):
    """Role of a party, as in the configuration. ACC-G.4."""

    PLATFORM = "platform"
    OPERATOR = "operator"
    AGGREGATOR = "aggregator"
    DISPATCH = "dispatch"
    EXCHANGE = "exchange"
    SUPERVISOR = "supervisor"
    OEM = "oem"


class Lane(IntEnum):
    """Order in an outbox: an emergency waits behind nothing, control never behind bulk."""

    EMERGENCY = -1
    """No row's own: the lane of a message that says so. JES-6.5.1.5a."""
    CONTROL = 0
    LIVE = 1
    BULK = 2
    STATE = 3
    """No row's own: live, but of what waited in an outage the newest matters most. PLT-7.9d."""


class Direction(msgspec.Struct, frozen=True):
    """Who may call whom."""

    callers: frozenset[Role]
    callees: frozenset[Role]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation in its three spellings. ACC-7.6.

    ``rest`` names path parameters by wire name; a GET whose last parameter is an optional member
    also answers without it. ``key`` names the request members that make a repeat the same business
    act (the sender is always part of it). ``errors`` are the codes that are its own, ``timing`` is
    its bound in words, ``receipted`` says that who received it, and when, is kept. Of a row that
    ``answers_anew`` a repeat is known by its key, and told what holds now. ``state``: it tells how
    things stand and not what happened, always or where a member of the request has a value.
    """

    rows: tuple[int, ...]
    name: str
    zh: str
    en: str
    clause: str
    request: type[InformationObject]
    response: type[InformationObject]
    directions: tuple[Direction, ...]
    rest: str
    cec102: tuple[str, ...]
    grade: Grade
    writes: bool
    key: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    timing: str = ""
    receipted: bool = False
    answers_anew: bool = False
    needs_token: bool = True
    lane: Lane = Lane.LIVE
    state: bool | tuple[str, object] = False
    cec102_wrapper: str | None = None
    """Wire name under which T/CEC 102 itself wraps the request; written and read, bare read too."""

    @property
    def method(self) -> str:
        return self.rest.split(" ")[0]

    @property
    def path(self) -> str:
        return self.rest.split(" ")[1]

    @property
    def urgent(self) -> bool:
        """Whether it is of control, which never waits behind bulk. F61."""
        return self.lane <= Lane.CONTROL

    @property
    def bodiless(self) -> bool:
        """Whether REST carries the request in path and query."""
        return self.method in ("GET", "DELETE")

    @property
    def collection(self) -> str | None:
        """The path without its last parameter, where that member may be absent and is last."""
        path, _, last = self.path.rpartition("/")
        wire = last.strip("{}")
        if self.method != "GET" or last != f"{{{wire}}}":
            return None
        return None if _required(self.request)[wire] else path

    @property
    def carries(self) -> bool:
        """Whether it carries another operation: then it has no parties, and that one's count."""
        return not self.directions

    @property
    def confidential(self) -> bool:
        """Whether its bodies are kept secret: those of class IMP and SEN. PLT-7.10e."""
        return self.grade in (Grade.IMP, Grade.SEN)

    @property
    def faces(self) -> tuple[str, ...]:
        """WSDL faces that carry the operation."""
        if self.carries:
            return FACES
        if any(direction.callers == ANY for direction in self.directions):
            return ("common",)
        parties = {role for d in self.directions for role in d.callers | d.callees}
        return tuple(face for face, roles in _PARTIES.items() if parties & roles)

    def key_of(self, request: InformationObject, between: str = "\x1f") -> str:
        """The idempotency key of ``request`` as text; the sender is not part of it."""
        return between.join(str(getattr(request, member) or "") for member in self.key)

    def tells_state(self, request: InformationObject) -> bool:
        """Whether ``request`` tells how things stand, so that a newer one says more. PLT-7.9d."""
        if isinstance(self.state, bool):
            return self.state
        member, value = self.state
        return bool(getattr(request, member) == value)

    def lane_of(self, request: InformationObject) -> Lane:
        """The lane of an outbox that ``request`` waits in."""
        is_state = self.lane is Lane.LIVE and self.tells_state(request)
        return Lane.STATE if is_state else self.lane

    def may_call(self, caller: Role, callee: Role) -> bool:
        """Whether ``caller`` may call this operation on ``callee``; deny by default. ACC-5.2."""
        return any(caller in d.callers and callee in d.callees for d in self.directions)

    def receivers(self, caller: Role) -> frozenset[Role]:
        """The roles that ``caller`` may send it to."""
        return frozenset(role for d in self.directions if caller in d.callers for role in d.callees)


def to(callers: str, callees: str) -> Direction:
    """A direction from names between spaces; ``any`` is every role."""
    return Direction(_roles(callers), _roles(callees))


def _roles(names: str) -> frozenset[Role]:
    return ANY if names == "any" else frozenset(Role(name) for name in names.split())


ANY = frozenset(Role)
FACES = ("common", "aggregator", "dispatch")
_PARTIES = {
    "aggregator": frozenset({Role.OPERATOR, Role.AGGREGATOR, Role.OEM}),
    "dispatch": frozenset({Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR}),
}


@cache
def _required(kind: type[InformationObject]) -> dict[str, bool]:
    """By wire name of each member, whether ``kind`` cannot do without it."""
    members = zip(kind.__struct_encode_fields__, msgspec.structs.fields(kind), strict=True)
    return {wire: member.required for wire, member in members}
