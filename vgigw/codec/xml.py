"""XML of objects: ``parse`` bytes, ``read`` an element, ``write`` an object. CARD-4, ACC-7.6.

Between ``parse`` and ``read`` stands the compiled schema: :func:`vgigw.codec.xsd.accept`.
"""

from __future__ import annotations

from vgigw.codec.xml_names import NAMESPACE, tag
from vgigw.codec.xml_parser import parse, parser
from vgigw.codec.xml_reader import read
from vgigw.codec.xml_writer import to_element, write

__all__ = ["NAMESPACE", "parse", "parser", "read", "tag", "to_element", "write"]
