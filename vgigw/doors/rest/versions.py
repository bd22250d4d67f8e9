"""Versions on REST: ETag of what is held, If-Match of what a caller expects to replace. RFC 9110.

An entity tag is the version in quotes; the answer to both is 4204 with HTTP status 412.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vgigw.errors import Malformed
from vgigw.objects import InformationObject
from vgigw.operations import Operation

_TAG = re.compile(r'"(\d{1,19})"\Z')


def expected(operation: Operation, headers: Mapping[str, str]) -> int | None:
    """The version that If-Match names, 0 for none; None without the field.

    Raises ``Malformed`` where it cannot be read, or where nothing has a version.
    """
    text = headers.get("if-match")
    if text is None:
        return None
    if operation.method != "PUT" or "version" not in operation.key:
        raise Malformed("If-Match does not apply to this operation")
    found = _TAG.match(text.strip())
    if found is None:
        raise Malformed('If-Match must be one version in quotes, as the ETag told it: "5"')
    return int(found[1])


def entity_tag(reply: InformationObject) -> dict[str, str]:
    """The ETag of an answer that holds one version: its own, or that of the only item of a page."""
    version = getattr(reply, "version", None)
    if version is None:
        lists = [each for name in reply.__struct_fields__ if _is_list(each := getattr(reply, name))]
        if len(lists) == 1 and len(lists[0]) == 1:
            version = getattr(lists[0][0], "version", None)
    return {} if version is None else {"etag": f'"{version}"'}


def _is_list(value: object) -> bool:
    return isinstance(value, tuple)
