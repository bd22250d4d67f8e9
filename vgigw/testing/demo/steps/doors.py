"""Step: the same objects through all three doors, and each repeated over the others. CARD-6."""

from __future__ import annotations

from vgigw.codec import json
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.parties import OPERATOR
from vgigw.testing.demo.stage import Stage
from vgigw.testing.demo.wire import PREFIXES, Wire

_STREAM = "DOORS"


def three_doors(stage: Stage) -> Outcome:
    """Stored digests are those of the objects; a repeat gets the answer that the first one got."""
    token = stage.operator.ask_token().access_token
    sent = dict(zip(PREFIXES, stage.operator.measure_some(_STREAM, len(PREFIXES)), strict=True))
    wire = Wire(stage, OPERATOR)
    try:
        originals = 0
        for first, batch in sent.items():
            message = wire.seal(first, UPLOAD_TELEMETRY, batch, token)
            stage.operator.account.answered(batch, wire.open(message, wire.send(message)[1]))
        for batch in sent.values():
            for other in PREFIXES:
                message = wire.seal(other, UPLOAD_TELEMETRY, batch, token)
                answer = wire.open(message, wire.send(message)[1])
                originals += answer == stage.operator.account.receipts[batch.batch_id]
    finally:
        wire.close()
    rows = stage.look(lambda view: view.rows(owner=OPERATOR, stream=_STREAM))
    held = {row.door: row.digest for row in rows}
    own = {door: json.digest(json.encode(batch)) for door, batch in sent.items()}
    stage.figures.duplicates += originals
    return Outcome(
        passed=held == own and len(rows) == len(own) and originals == len(own) ** 2,
        found=f"{len(rows)} batches stored, {sum(held.get(d) == own[d] for d in own)} with the "
        f"digest of what was sent; {originals} of {len(own) ** 2} repeats got the original answer",
        expected=f"{len(own)} stored, {len(own)} equal digests, {len(own) ** 2} original answers",
    )
