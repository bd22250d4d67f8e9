"""A dialect of T/CEC 102: what a kind of peer names, spells and frames in its own way, as data.

One TOML file declares one version of one dialect; its keys are the fields of :class:`Dialect`, and
:mod:`vgigw.codec.dialect_files` reads it. Wire names on the left side of a rule are those of our
own declarations, in the spelling of the 2016 standard.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from vgigw.codec.shape import reachable, shape_of
from vgigw.objects import OBJECTS
from vgigw.objects.declaration import InformationObject
from vgigw.operations import OPERATIONS, Operation

DEFAULT = "tcec102-2016"
"""The dialect of a peer that names none."""

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Value = bool | int | float | str


class Title(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[title]``: what the dialect is called."""

    zh: Word
    en: Word


class ValueRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[objects.X.values]]``: values that mean something else there.

    Read: where all of ``theirs`` stand, ``ours`` take their place, except that a further member
    which the peer sent itself is left alone. Written: where all of ``written_for`` stand (``ours``
    unless it is given), ``theirs`` take their place. Without ``ours`` a rule is for writing only.
    """

    theirs: dict[str, Value]
    ours: dict[str, Value] = {}
    written_for: dict[str, Value] = {}


class ObjectRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[objects.X]``: what is different about the object X.

    ``spellings``: of a member, the first is written and all are read. ``requires``: members that
    must be there although ours may be absent. ``stand_ins``: what stands in for a member that
    ours require and the dialect does not, a value or ``{from = "RULE"}``. ``ignored``: members that
    ours have no place for, read over. ``omitted``: members of ours that are not written. ``texts``:
    numbers that are written as text, and read from it. ``values``: see :class:`ValueRule`.
    """

    spellings: dict[str, tuple[Word, ...]] = {}
    requires: tuple[Word, ...] = ()
    stand_ins: dict[str, Any] = {}
    ignored: tuple[Word, ...] = ()
    omitted: tuple[Word, ...] = ()
    texts: tuple[Word, ...] = ()
    values: tuple[ValueRule, ...] = ()


class Framing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[framing]``: habits of the envelope.

    ``seq`` is how Seq is written, ``seq_digits`` the least and the most digits that are read.
    ``base64_line`` is after how many characters Data is broken by LF, 0 for never. ``any_case_sig``
    takes a hex signature in lower case, ``null_in_mac`` an answer whose Msg or Data is null and
    was signed as the text ``null``.
    """

    seq: Literal["padded", "unpadded", "constant"] = "padded"
    seq_digits: tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(le=5)]] = (4, 4)
    base64_line: Annotated[int, Meta(ge=0, le=1000)] = 0
    any_case_sig: bool = False
    null_in_mac: bool = False


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[body]``: habits of the content.

    ``bare``: operations whose wrapper is not written; it is read in any case. ``wrapper_as_list``
    takes a list of one where the wrapper holds an object, ``numbers_in_text`` takes any number
    that stands in quotes.
    """

    bare: tuple[Word, ...] = ()
    wrapper_as_list: bool = False
    numbers_in_text: bool = False


class Interface(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[interfaces.NAME.objects.X]``: rules on top of those of ``objects``, there only."""

    objects: dict[str, ObjectRules] = {}


class Spelling:
    """How objects are spelled on one interface; asked for each message, so it keeps what it found.

    ``rules`` are those of each object that is spelled differently.
    """

    def __init__(self, objects: Mapping[str, ObjectRules], body: Body) -> None:
        classes = known_objects()
        self.rules = {classes[name]: rules for name, rules in objects.items()}
        self.body = body
        self._aliases = {cls: _aliases(rules) for cls, rules in self.rules.items()}
        self._read_apart = {cls for cls, rules in self.rules.items() if _reads_apart(cls, rules)}
        self._written_apart = {cls for cls, rules in self.rules.items() if _writes_apart(rules)}
        self._reads_as_is: dict[type[InformationObject], bool] = {}
        self._writes_as_is: dict[type[InformationObject], bool] = {}

    def reads_as_is(self, cls: type[InformationObject]) -> bool:
        """Whether what our own codec accepts as ``cls`` means the same here."""
        found = self._reads_as_is.get(cls)
        if found is None:
            found = self._reads_as_is[cls] = self._read_apart.isdisjoint(reachable(cls))
        return found

    def writes_as_is(self, cls: type[InformationObject]) -> bool:
        """Whether ``cls`` is written here as our own codec writes it."""
        found = self._writes_as_is.get(cls)
        if found is None:
            found = self._writes_as_is[cls] = self._written_apart.isdisjoint(reachable(cls))
        return found

    def aliases_of(self, cls: type[InformationObject]) -> Mapping[str, str | None]:
        """Our name of each member by a spelling that is read; None for one that is not."""
        return self._aliases.get(cls, {})

    def written_path(self, cls: type[InformationObject], path: str) -> str:
        """``path`` in a ``cls``, its members named as they are written here."""
        steps = []
        for step in path.split("/"):
            members = {member.wire: member for member in shape_of(cls).members}
            spelled = self.rules[cls].spellings.get(step) if cls in self.rules else None
            steps.append(spelled[0] if spelled else step)
            inner = members[step].of if step in members else None
            cls = inner or cls
        return "/".join(steps)


class Dialect(msgspec.Struct, frozen=True, kw_only=True, eq=False, forbid_unknown_fields=True):
    """One version of one dialect, in force from ``effective`` on, Beijing date. ACC-A.2.

    ``prefix`` is the path under which its interfaces stand here; absent, the gateway's own.
    ``names`` are wire names by operation, the first written and all read; one that begins with a
    slash is a whole path, for which neither this prefix nor that of the peer counts. Operations
    that are not named keep the names of the operations table.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    version: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$")]
    published: date
    effective: date
    confidence: Literal["A", "B", "C", "R"]
    based_on: str | None = None
    sources: tuple[Word, ...] = ()
    title: Title
    prefix: Annotated[str, Meta(max_length=99)] | None = None
    names: dict[str, tuple[Word, ...]] = {}
    framing: Framing = Framing()
    body: Body = Body()
    objects: dict[str, ObjectRules] = {}
    interfaces: dict[str, Interface] = {}

    def names_of(self, operation: Operation) -> tuple[str, ...]:
        """Wire names of ``operation``; the first is written, the last for data in full."""
        return self.names.get(operation.name, operation.cec102)

    def paths(self, own_prefix: str) -> Iterator[tuple[str, Operation, str]]:
        """Path, operation and wire name of every interface, where ours are at ``own_prefix``."""
        prefix = own_prefix if self.prefix is None else self.prefix
        for operation in OPERATIONS:
            for name in self.names_of(operation):
                yield _below(prefix, name), operation, name

    def told_names(self, operation: Operation) -> tuple[str, ...]:
        """How a peer has to call ``operation`` here: names, or whole paths, which begin with a
        slash, where they do not stand under the gateway's own prefix."""
        names = self.names_of(operation)
        prefix = self.prefix
        return names if prefix is None else tuple(_below(prefix, name) for name in names)

    def spelling_at(self, name: str) -> Spelling:
        """How objects are spelled on the interface ``name``."""
        return _spelling(self, name if name in self.interfaces else "")


@functools.cache
def known_objects() -> Mapping[str, type[InformationObject]]:
    """Every object by its name."""
    return {cls.__name__: cls for cls in OBJECTS}


@functools.lru_cache(maxsize=1024)
def _spelling(dialect: Dialect, name: str) -> Spelling:
    objects = dialect.interfaces[name].objects if name else dialect.objects
    return Spelling(objects, dialect.body)


def _below(prefix: str, name: str) -> str:
    return name if name.startswith("/") else f"{prefix}/{name}"


def _aliases(rules: ObjectRules) -> Mapping[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(rules.spellings)
    found |= {theirs: ours for ours, spelled in rules.spellings.items() for theirs in spelled}
    return found


def _reads_apart(cls: type[InformationObject], rules: ObjectRules) -> bool:
    required = {member.wire for member in shape_of(cls).members if member.required}
    renamed = any(ours not in spelled for ours, spelled in rules.spellings.items())
    moved = any(rule.ours for rule in rules.values)
    return bool(renamed or moved or rules.requires or rules.stand_ins.keys() - required)


def _writes_apart(rules: ObjectRules) -> bool:
    renamed = any(ours != spelled[0] for ours, spelled in rules.spellings.items())
    return bool(renamed or rules.values or rules.omitted or rules.texts)
