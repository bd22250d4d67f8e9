"""A document in our own names as one in a dialect: values, numbers as text, names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from vgigw.codec.dialect import ObjectRules, Spelling, ValueRule
from vgigw.codec.dialect_reading import matches
from vgigw.codec.shape import Kind, shape_of
from vgigw.objects.declaration import InformationObject

# Members keep their order and maps are sorted already, so that nothing is left to put in order.
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_PLAIN = ObjectRules()


def written(obj: InformationObject, cls: type[InformationObject], spelling: Spelling) -> bytes:
    """The bytes of ``obj``, of class ``cls`` and with its instants told, as ``spelling`` says."""
    document = msgspec.to_builtins(obj, builtin_types=(Decimal,), order="deterministic")
    return _ENCODER.encode(_theirs(cls, document, spelling))


def _theirs(
    cls: type[InformationObject], document: dict[str, Any], spelling: Spelling
) -> dict[str, Any]:
    rules = spelling.rules.get(cls, _PLAIN)
    for member in shape_of(cls).members:
        value = document.get(member.wire)
        if member.kind is Kind.OBJECT and member.of is not None and value is not None:
            inner = [_theirs(member.of, i, spelling) for i in (value if member.many else [value])]
            document[member.wire] = inner if member.many else inner[0]
    document |= _values(rules.values, document)
    for name in rules.texts:
        if name in document:
            document[name] = _text(document[name])
    names = {ours: spelled[0] for ours, spelled in rules.spellings.items()}
    return {
        names.get(name, name): value
        for name, value in document.items()
        if name not in rules.omitted
    }


def _values(rules: tuple[ValueRule, ...], document: dict[str, Any]) -> dict[str, Any]:
    """What changes; of two rules for one member the first counts."""
    changes: dict[str, Any] = {}
    for rule in rules:
        if matches(rule.written_for or rule.ours, document):
            changes = dict(rule.theirs) | changes
    return changes


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_text(item) for item in value]
    return value if isinstance(value, str) else _ENCODER.encode(value).decode()
