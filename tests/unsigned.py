"""Messages whose sender signs nothing, made of signed ones."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec.structs import replace

from tests.trio import NOW, OPERATOR
from vgigw.envelope.rest import SIGNATURE_FIELDS
from vgigw.envelope.wire import WireRequest
from vgigw.rules.freshness import write_time_stamp

_SIG = re.compile(rb"<([a-z0-9]+:)?Sig>[^<]*</([a-z0-9]+:)?Sig>")
_ID = rb"(%s>)[^<]*(<)"


def unsigned(
    wire: WireRequest, seq: str = "0001", *, sender: str = OPERATOR, at: datetime = NOW
) -> WireRequest:
    """``wire`` without its signature; its identifier is ``sender``, ``at`` and ``seq``."""
    said = {"OperatorID": sender, "TimeStamp": write_time_stamp(at), "Seq": seq}
    if wire.path.startswith("/soap"):
        body, count = _SIG.subn(b"", wire.body)
        assert count == 1
        for name, value in said.items():
            # The header stands before the Body, which may have members of these names, too.
            body = re.sub(_ID % name.encode(), rb"\g<1>%s\2" % value.encode(), body, count=1)
        return replace(wire, body=body)
    kept = {k: v for k, v in wire.headers.items() if k not in SIGNATURE_FIELDS}
    return replace(wire, headers=kept | {name.lower(): value for name, value in said.items()})
