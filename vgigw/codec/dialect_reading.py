"""A document in a dialect as one in our own names: spellings, values, stand-ins, what lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from vgigw.codec import json
from vgigw.codec.dialect import ObjectRules, Spelling, Value, ValueRule
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.stand_ins import Arrival, Missing, stand_in
from vgigw.errors import Detail, Malformed
from vgigw.objects.declaration import InformationObject

_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER_CHOICE, Kind.FLOAT, Kind.DECIMAL})
_PLAIN = ObjectRules()


class Reading(NamedTuple):
    """One walk over the document of a ``root``: what was ``assumed``, and the ``faults`` seen."""

    root: type[InformationObject]
    spelling: Spelling
    arrival: Arrival
    assumed: list[str]
    faults: list[Detail]

    def own(
        self, cls: type[InformationObject], document: dict[str, Any], path: str = ""
    ) -> dict[str, Any]:
        """``document`` in our names, without empty optional members, inner objects first.

        Raises ``Malformed`` for a member in two of its spellings.
        """
        rules = self.spelling.rules.get(cls, _PLAIN)
        read = self._own_names(cls, document, path)
        for member in shape_of(cls).members:
            value = read.get(member.wire)
            if value == "" and not member.required:
                del read[member.wire]
            elif member.kind is Kind.OBJECT:
                read.update(self._inner(member, value, f"{path}/{member.wire}"))
            elif member.kind in _NUMBERS and self._told_in_text(member, rules):
                read.update(_from_text(member, value))
        _take_values(rules.values, read)
        for wire, told in rules.stand_ins.items():
            if wire not in read:
                value = stand_in(told, Missing(read, path, self.arrival))
                if value is not None:
                    read[wire] = value
                    self.assumed.append(f"{path}/{wire}")
        missing = [name for name in rules.requires if read.get(name) is None]
        self.faults.extend(self._required(f"{path}/{name}") for name in missing)
        for name in rules.ignored:
            read.pop(name, None)
        return read

    def _own_names(
        self, cls: type[InformationObject], document: dict[str, Any], path: str
    ) -> dict[str, Any]:
        aliases = self.spelling.aliases_of(cls)
        if not aliases:
            return dict(document)
        read: dict[str, Any] = {}
        for name, value in document.items():
            own = aliases.get(name, name)
            if own is None:
                place = f"{self.spelling.written_path(self.root, path)}/{name}"
                self.faults.append(Detail(place, "unknown", f"is not a member of {cls.__name__}"))
            elif own in read:
                raise Malformed("a member is named twice")
            else:
                read[own] = value
        return read

    def _inner(self, member: Member, value: Any, path: str) -> Iterator[tuple[str, Any]]:
        cls = member.of
        assert cls is not None  # noqa: S101 - narrows for the type checker
        if isinstance(value, dict) and not member.many:
            yield member.wire, self.own(cls, value, path)
        elif isinstance(value, list) and member.many:
            read = [
                self.own(cls, item, f"{path}/{i}") if isinstance(item, dict) else item
                for i, item in enumerate(value)
            ]
            yield member.wire, read

    def _told_in_text(self, member: Member, rules: ObjectRules) -> bool:
        return self.spelling.body.numbers_in_text or member.wire in rules.texts

    def _required(self, path: str) -> Detail:
        return Detail(self.spelling.written_path(self.root, path), "required", "is required")


def matches(wanted: Mapping[str, Value], document: Mapping[str, Any]) -> bool:
    """Whether ``document`` holds all of ``wanted``; true is not 1."""
    return all(
        name in document
        and document[name] == value
        and isinstance(document[name], bool) == isinstance(value, bool)
        for name, value in wanted.items()
    )


def _from_text(member: Member, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, str):
        yield member.wire, json.from_text(member, value)
    elif member.many and isinstance(value, list):
        read = [json.from_text(member, v) if isinstance(v, str) else v for v in value]
        yield member.wire, read


def _take_values(rules: tuple[ValueRule, ...], read: dict[str, Any]) -> None:
    """Put our values in the place of theirs; of two rules for one member the first counts."""
    meant = [rule for rule in rules if rule.ours and matches(rule.theirs, read)]
    changes: dict[str, Any] = {}
    for rule in meant:
        for name, value in rule.ours.items():
            if name in rule.theirs or name not in read:
                changes.setdefault(name, value)
    for rule in meant:
        for name in rule.theirs:
            read.pop(name, None)
    read.update(changes)
