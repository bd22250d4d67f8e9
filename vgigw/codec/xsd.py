"""The published XML Schema, its compiled form, and ``accept``: validate, read or explain."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import TypeVar

from lxml import etree
from lxml.etree import _Element

from vgigw.codec.shape import reachable, shape_of
from vgigw.codec.xml_faults import faults_of
from vgigw.codec.xml_names import NAMESPACE, tag
from vgigw.codec.xml_reader import read
from vgigw.codec.xml_writer import writer
from vgigw.codec.xsd_types import (
    XSD,
    complex_type,
    document,
    enumeration_type,
    sub,
    type_name,
    version_words,
)
from vgigw.errors import InvalidObject, Malformed
from vgigw.objects import MessageHeader, Refusal
from vgigw.objects.declaration import InformationObject
from vgigw.operations import CONTRACT, PUBLISHED, Operation

T = TypeVar("T", bound=InformationObject)

# libxml2 sets up the built-in types of XML Schema at the first compilation and does not guard it:
# two threads that compile at once can find one another's types half made.
_compiling = threading.Lock()


def schema_document(operations: tuple[Operation, ...] = PUBLISHED) -> _Element:
    """The schema of ``operations``: types, wrapper elements, ``MessageHeader``, ``Refusal``."""
    roots = [cls for row in operations for cls in (row.request, row.response)]
    schema = _schema([*roots, MessageHeader, Refusal])
    for row in operations:
        _wrapper(schema, row.name, row.request, row)
        _wrapper(schema, f"{row.name}Response", row.response, row)
    for cls in (MessageHeader, Refusal):
        sub(schema, "element", name=cls.__name__, type=f"tns:{type_name(cls)}")
    return schema


@functools.cache
def validator(operations: tuple[Operation, ...] = PUBLISHED) -> etree.XMLSchema:
    """Compiled :func:`schema_document`. Use its answer only: its error log is shared by threads."""
    schema = schema_document(operations)
    with _compiling:
        return etree.XMLSchema(schema)


@functools.cache
def object_validator(cls: type[InformationObject]) -> etree.XMLSchema:
    """Compiled schema of one ``cls`` as a document of its own; integrators' subclasses too."""
    schema = _schema([cls])
    sub(schema, "element", name=cls.__name__, type=f"tns:{type_name(cls)}")
    with _compiling:
        return etree.XMLSchema(schema)


def accept(cls: type[T], element: _Element) -> T:
    """The object in ``element``, which is named after ``cls``.

    Raises ``InvalidObject`` with a detail for every fault, found by our own walk over the element:
    the validator says yes or no, its words never leave. ACC-7.6
    """
    if object_validator(cls).validate(element):
        try:
            return read(cls, element)
        except (ValueError, OverflowError) as cause:
            raise InvalidObject(details=faults_of(cls, element)) from cause
    raise InvalidObject(details=faults_of(cls, element))


def unwrap(name: str, cls: type[T], element: _Element) -> T:
    """The object inside the wrapper ``{NAMESPACE}name``, as :func:`accept` reads it.

    Raises ``Malformed`` where the wrapper holds anything but one element named after ``cls``.
    """
    if element.tag != tag(name):
        raise Malformed(f"expected the element {name} of {NAMESPACE}")
    texts = [element.text, *(child.tail for child in element)]
    bare = not any(text and text.strip() for text in texts) and not element.attrib
    alone = len(element) == 1 and bare
    if not alone or element[0].tag != tag(cls.__name__):
        raise Malformed(f"{name} holds exactly one {cls.__name__}")
    return accept(cls, element[0])


def wrap(name: str, obj: InformationObject) -> bytes:
    """``obj`` inside its wrapper element ``name``."""
    inner, cls = writer(type(obj))(obj), type(obj).__name__
    return f'<{name} xmlns="{NAMESPACE}"><{cls}>{inner}</{cls}></{name}>'.encode()


def _schema(roots: Iterable[type[InformationObject]]) -> _Element:
    """A schema with the types that ``roots`` reach, by name, and no element."""
    schema = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD, "tns": NAMESPACE})
    schema.set("targetNamespace", NAMESPACE)
    schema.set("elementFormDefault", "qualified")
    schema.set("version", CONTRACT.version)
    document(schema, *version_words())
    classes = sorted(reachable(*roots), key=lambda cls: cls.__name__)
    enumerations = {
        member.enumeration
        for cls in classes
        for member in shape_of(cls).members
        if member.enumeration is not None
    }
    _refuse_clash([*classes, *enumerations])
    for enumeration in sorted(enumerations, key=lambda cls: cls.__name__):
        enumeration_type(schema, enumeration)
    for cls in classes:
        complex_type(schema, shape_of(cls))
    return schema


def _refuse_clash(classes: list[type]) -> None:
    names = [cls.__name__ for cls in classes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TypeError(f"two types with one name in one schema: {', '.join(twice)}")


def _wrapper(schema: _Element, name: str, cls: type[InformationObject], row: Operation) -> None:
    element = sub(schema, "element", name=name)
    document(element, f"{row.en} [{row.clause}]", row.zh)
    inner = sub(sub(element, "complexType"), "sequence")
    sub(inner, "element", name=cls.__name__, type=f"tns:{type_name(cls)}")
