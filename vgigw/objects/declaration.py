"""How an information object declares itself: one line a member, everything else is derived.

``member()`` holds what a type cannot say: the wire name (always written, never computed), the
Chinese and English description and the source clause. Limits and units stand in the type
(:mod:`vgigw.objects.values`).
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar, NamedTuple, dataclass_transform

import msgspec


class Grade(enum.StrEnum):
    """Data grade of an object or operation; decides its protection. PLT-7.10e, PLT-10.4."""

    PUB = "PUB"
    INT = "INT"
    IMP = "IMP"
    SEN = "SEN"


class Described(NamedTuple):
    """What the source documents say of one member."""

    wire: str
    zh: str
    en: str
    clause: str
    sensitive: bool
    mirror: str | None = None


class _Member(NamedTuple):
    described: Described
    default: Any


def member(
    wire: str,
    zh: str,
    en: str,
    clause: str = "drv",
    *,
    default: Any = msgspec.NODEFAULT,
    sensitive: bool = False,
    mirror: str | None = None,
) -> Any:
    """Declare a member; without ``default`` it is required. ``sensitive`` keeps it out of logs.

    ``mirror`` is the wire name of the member that it changes places with in the other polarity: up
    and down, least and most. 2.0(7).

    The default is ``None`` or an empty list, never a value: what was not sent is not in the
    canonical form, and whoever reads the member says what its absence means.
    """
    return _Member(Described(wire, zh, en, clause, sensitive, mirror), default)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(member,))
class _ObjectMeta(msgspec.StructMeta):
    """Hands wire name and default to msgspec and keeps the description beside the class."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        own: dict[str, Described] = {}
        for attribute, value in list(namespace.items()):
            if isinstance(value, _Member):
                own[attribute] = value.described
                namespace[attribute] = msgspec.field(
                    name=value.described.wire, default=value.default
                )
        inherited: dict[str, Described] = {}
        for parent in bases:
            inherited.update(getattr(parent, "described", {}))
        namespace["described"] = {**inherited, **own}
        options.setdefault("kw_only", True)  # msgspec does not inherit it
        return super().__new__(mcls, name, bases, namespace, **options)


class InformationObject(
    msgspec.Struct,
    metaclass=_ObjectMeta,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    # Frozen values cannot refer to themselves, so the collector need not walk thousands of records.
    gc=False,
):
    """Root of every public information object. CARD-1."""

    grade: ClassVar[Grade] = Grade.INT
    xml_item_name: ClassVar[str] = ""
    """Name of one element of a list of these in XML, where it is not that of the class."""
    described: ClassVar[dict[str, Described]] = {}
