"""The WSDL of each face: compiled by spyne, then brought into one reproducible form. ACC-7.6.

What spyne leaves open is settled here: our own types, both SOAP versions, URI actions, one order.
"""

from __future__ import annotations

import copy
import functools

from lxml import etree
from lxml.etree import _Element

from vgigw.codec.spyne_models import application
from vgigw.codec.spyne_shim import load
from vgigw.codec.xml_names import NAMESPACE
from vgigw.codec.xsd import schema_document
from vgigw.codec.xsd_types import XML_LANG, version_words
from vgigw.operations import PUBLISHED, Operation

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
_TITLES = {
    "common": ("Operations for every party.", "各方公用服务"),
    "aggregator": ("Operations between platform and operators.", "平台与运营商、聚合商之间的服务"),
    "dispatch": ("Operations between platform and dispatch.", "平台与调度、交易之间的服务"),
}


def operations_of(
    face: str, operations: tuple[Operation, ...] = PUBLISHED
) -> tuple[Operation, ...]:
    """The rows of the table that ``face`` carries, in their order."""
    return tuple(row for row in operations if face in row.faces)


def placeholder(face: str) -> str:
    """The address that stands in the published file of ``face``."""
    return f"http://127.0.0.1:8080/soap/{face}"


@functools.cache
def wsdl_document(face: str, operations: tuple[Operation, ...] = PUBLISHED) -> bytes:
    """The WSDL 1.1 of ``face`` with SOAP 1.1 and 1.2 bindings; the same bytes everywhere.

    Needs the extra ``soap-contract``. Raises ``KeyError`` for a face that is none.
    """
    english, chinese = _TITLES[face]
    carried = operations_of(face, operations)
    name = f"Vgi{face.title()}"
    compiled = _compiled(name, carried, placeholder(face))
    root = etree.Element(
        _w("definitions"),
        nsmap={"wsdl": WSDL, "soap": SOAP11, "soap12": SOAP12, "tns": NAMESPACE},
    )
    root.set("name", name)
    root.set("targetNamespace", NAMESPACE)
    version, zh = version_words()
    _document(root, f"{english} {version}", f"{chinese} {zh}")
    etree.SubElement(root, _w("types")).append(schema_document(carried))
    messages = {str(node.get("name")): node for node in compiled.findall(_w("message"))}
    for row in carried:
        root.append(messages[row.name])
        root.append(messages[f"{row.name}Response"])
    root.append(messages["MessageHeader"])
    root.append(messages["Refusal"])
    root.append(_port_type(compiled, carried))
    eleven = _binding(compiled, carried)
    root.append(eleven)
    root.append(_in_soap12(eleven, name))
    root.append(_service(compiled, name))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["wsdl", "soap", "soap12", "tns"])
    return serialised(root)


def serialised(root: _Element) -> bytes:
    """A published XML file: UTF-8, declared, indented by two, one end of line."""
    etree.indent(root)
    body = etree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def _compiled(name: str, carried: tuple[Operation, ...], address: str) -> _Element:
    builder = load("interface.wsdl").Wsdl11(application(name, carried).interface)
    builder.build_interface_document(address)
    return etree.fromstring(builder.get_interface_document())


def _port_type(compiled: _Element, carried: tuple[Operation, ...]) -> _Element:
    port_type = compiled.find(_w("portType"))
    assert port_type is not None  # noqa: S101 - spyne writes exactly one
    found = {str(node.get("name")): node for node in port_type}
    for row in carried:
        operation = found[row.name]
        # It would name the part, and the part is called "parameters".
        operation.attrib.pop("parameterOrder", "")
        _document(operation, f"{row.en} [{row.clause}]", row.zh)
        port_type.append(operation)
    return port_type


def _binding(compiled: _Element, carried: tuple[Operation, ...]) -> _Element:
    """The compiled binding with URI actions and its operations in the order of the table."""
    binding = compiled.find(_w("binding"))
    assert binding is not None  # noqa: S101 - spyne writes exactly one
    binding.set("name", f"{binding.get('name')}Soap11")
    found = {str(node.get("name")): node for node in binding.findall(_w("operation"))}
    for row in carried:
        operation = found[row.name]
        for soap in operation.iterfind(f"{{{SOAP11}}}operation"):
            soap.set("soapAction", f"{NAMESPACE}/{row.name}")
        binding.append(operation)
    return binding


def _in_soap12(eleven: _Element, name: str) -> _Element:
    """The same binding in the vocabulary of SOAP 1.2."""
    twelve = copy.deepcopy(eleven)
    twelve.set("name", f"{name}Soap12")
    _rename(twelve)
    for operation in twelve.iter(f"{{{SOAP12}}}operation"):
        operation.set("soapActionRequired", "true")
    return twelve


def _service(compiled: _Element, name: str) -> _Element:
    service = compiled.find(_w("service"))
    assert service is not None  # noqa: S101 - spyne writes exactly one
    eleven = service[0]
    eleven.set("name", f"{name}Soap11")
    eleven.set("binding", f"tns:{name}Soap11")
    twelve = copy.deepcopy(eleven)
    twelve.set("name", f"{name}Soap12")
    twelve.set("binding", f"tns:{name}Soap12")
    _rename(twelve)
    service.append(twelve)
    return service


def _rename(tree: _Element) -> None:
    for node in tree.iter(f"{{{SOAP11}}}*"):
        node.tag = f"{{{SOAP12}}}{etree.QName(node).localname}"


def _document(parent: _Element, english: str, chinese: str) -> None:
    """wsdl:documentation in both languages, as the first child: WSDL 1.1 allows one."""
    documentation = etree.Element(_w("documentation"))
    documentation.set(XML_LANG, "en")
    documentation.text = f"{english} {chinese}"
    parent.insert(0, documentation)


def _w(name: str) -> str:
    return f"{{{WSDL}}}{name}"
