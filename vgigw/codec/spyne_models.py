"""The contract as spyne sees it: a model for each object, a service for each face."""

from __future__ import annotations

import functools
from typing import Any

from vgigw.codec.convention_reading import schema_places
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.spyne_shim import load
from vgigw.codec.xml_names import ENTRY, KEY, NAMESPACE, VALUE
from vgigw.codec.xsd_types import type_name
from vgigw.objects import MessageHeader, Refusal
from vgigw.objects.declaration import InformationObject
from vgigw.operations import Operation

HTTP = "http://schemas.xmlsoap.org/soap/http"


def application(name: str, operations: tuple[Operation, ...], *, validating: bool = False) -> Any:
    """A spyne ``Application`` of ``operations``; ``validating`` compiles spyne's own schema."""
    soap = load("protocol.soap")
    protocol = soap.Soap11(validator="lxml" if validating else None)
    service_base = load("service").Service
    methods = {row.name: _method(row) for row in operations}
    service = type(service_base)(f"{name}Service", (service_base,), methods)
    app = load("application").Application(
        [service], tns=NAMESPACE, name=name, in_protocol=protocol, out_protocol=soap.Soap11()
    )
    app.transport = HTTP
    return app


@functools.cache
def model(cls: type[InformationObject]) -> Any:
    """The ``ComplexModel`` of ``cls``: members in order, limits as facets."""
    complex_model = load("model.complex").ComplexModel
    members = [(m.wire, _member(m, cls.__name__)) for m in shape_of(cls).members]
    info = load("model.complex").TypeInfo(members)
    return complex_model.produce(NAMESPACE, type_name(cls), info)


@functools.cache
def fault_model() -> Any:
    """``Refusal`` as spyne wants a fault to be: a class of its own ``Fault``."""
    fault = load("model.fault").Fault
    return type(fault)(Refusal.__name__, (fault,), {"__namespace__": NAMESPACE})


def _method(row: Operation) -> Any:
    def operation(ctx: Any, request: Any) -> Any:
        raise NotImplementedError  # only the signature is compiled; the gateway never calls it

    operation.__name__ = row.name
    request, response = row.request.__name__, row.response.__name__
    decorate = load("decorator").rpc(
        model(row.request).customize(min_occurs=1, nillable=False),
        _returns=model(row.response).customize(min_occurs=1, nillable=False),
        _in_variable_names={"request": request},
        _out_variable_name=response,
        _wsdl_part_name="parameters",
        _in_header=(model(MessageHeader),),
        _out_header=(model(MessageHeader),),
        _throws=fault_model(),
    )
    return decorate(operation)


def _member(member: Member, owner: str) -> Any:
    presence = {"min_occurs": int(member.required), "nillable": False}
    if member.kind is Kind.MAP:
        entry = _entry(member, owner).customize(
            min_occurs=0, max_occurs="unbounded", nillable=False
        )
        return _wrapper(f"{owner}_{member.wire}", ENTRY, entry).customize(**presence)
    if not member.many:
        return _one(member).customize(**presence)
    most = "unbounded" if member.max_items is None else member.max_items
    item = _one(member).customize(min_occurs=member.min_items, max_occurs=most, nillable=False)
    return _wrapper(f"{owner}_{member.wire}", member.item_name, item).customize(**presence)


def _wrapper(name: str, item_name: str, item: Any) -> Any:
    """A list in its own element; spyne's ``Array`` loses the limits and names of plain items."""
    info = load("model.complex").TypeInfo([(item_name, item)])
    return load("model.complex").ComplexModel.produce(NAMESPACE, f"{name}List", info)


def _entry(member: Member, owner: str) -> Any:
    text = load("model.primitive").Unicode(
        min_len=member.min_length or 0, max_len=member.max_length, min_occurs=1, nillable=False
    )
    number = load("model.primitive").Double(**_bounds(member), min_occurs=1, nillable=False)
    info = load("model.complex").TypeInfo([(KEY, text), (VALUE, number)])
    name = f"{owner}_{member.wire}{ENTRY}"
    return load("model.complex").ComplexModel.produce(NAMESPACE, name, info)


def _one(member: Member) -> Any:
    kinds = load("model.primitive")
    match member.kind:
        case Kind.OBJECT if member.of is not None:
            return model(member.of)
        case Kind.TEXT:
            return kinds.Unicode(
                min_len=member.min_length or 0,
                max_len=member.max_length if member.max_length is not None else float("inf"),
            )
        case Kind.INTEGER:
            return kinds.Integer(**_bounds(member))
        case Kind.DECIMAL:
            return kinds.Decimal(fraction_digits=schema_places(member), **_bounds(member))
        case Kind.FLOAT:
            return kinds.Double(**_bounds(member))
        case Kind.BOOLEAN:
            return kinds.Boolean
        case Kind.INSTANT:
            return kinds.DateTime
        case Kind.DAY:
            return kinds.Date
        case Kind.NUMBER_CHOICE:
            return kinds.Integer(values=list(member.choices))
        case Kind.TEXT_CHOICE:
            return kinds.Unicode(values=list(member.choices))
    raise TypeError(f"{member.wire}: spyne has no type for {member.kind}")


def _bounds(member: Member) -> dict[str, Any]:
    limits = (("ge", member.ge), ("gt", member.gt), ("le", member.le))
    return {name: value for name, value in limits if value is not None}
