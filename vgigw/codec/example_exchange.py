"""An example of every operation: who calls whom, what is asked and what is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vgigw.codec.example import document, example, story
from vgigw.codec.shape import shape_of
from vgigw.objects import Receipt
from vgigw.objects.declaration import InformationObject
from vgigw.operations import BY_NAME, Operation, Role

_CALLERS: Final = (
    Role.OPERATOR,
    Role.AGGREGATOR,
    Role.DISPATCH,
    Role.EXCHANGE,
    Role.SUPERVISOR,
    Role.OEM,
    Role.PLATFORM,
)
_CALLEES: Final = (Role.PLATFORM, *_CALLERS[:-1])
_PARTIES: Final = "parties"


def party_of(role: Role) -> str:
    """The OperatorID of whoever has ``role`` in the story."""
    found: str = story()["parties"][role.value]
    return found


def carried(operation: Operation) -> Operation:
    """The operation inside, of one that carries another; else itself."""
    if not operation.carries:
        return operation
    request: Any = request_of(operation)
    return BY_NAME[request.operation]


def roles_of(operation: Operation) -> tuple[Role, Role]:
    """Who calls, and who is called: a platform is one of the two."""
    operation = carried(operation)
    named = story()["requests"].get(operation.name, {}).get(_PARTIES)
    if named is not None:
        return Role(named[0]), Role(named[1])
    return next(_possible(operation))


def request_of(operation: Operation) -> InformationObject:
    """What is asked."""
    return example(operation.request, _own("requests", operation))


def response_of(operation: Operation) -> InformationObject:
    """What is answered; what names the request is as in the request."""
    asked = document(operation.request, _own("requests", operation))
    wires = {m.attribute: m.wire for m in shape_of(operation.request).members}
    key = [wires[attribute] for attribute in operation.key]
    members = {m.wire for m in shape_of(operation.response).members}
    echoed = {wire: asked[wire] for wire in key if wire in members and wire in asked}
    if operation.response is Receipt and key:
        echoed["ObjectID"] = asked[key[0]]
    return example(operation.response, echoed | dict(_own("responses", operation)))


def _possible(operation: Operation) -> Iterator[tuple[Role, Role]]:
    for caller in _CALLERS:
        for callee in _CALLEES:
            between = (caller is Role.PLATFORM) is not (callee is Role.PLATFORM)
            if between and operation.may_call(caller, callee):
                yield caller, callee


def _own(table: str, operation: Operation) -> Mapping[str, Any]:
    own: Mapping[str, Any] = story()[table].get(operation.name, {})
    return {wire: value for wire, value in own.items() if wire != _PARTIES}
