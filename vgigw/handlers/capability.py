"""Reports of ability: kept by resource, the newest by its time in force, told to dispatch.

PLT-8.4, VGI-D.14, JES-6.2.1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.handlers.keeping import document_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.polarity import aligned_call, check_sayable, told
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.targets import CAPABILITY, target_of
from vgigw.objects import AdjustCapability, PolarityMode, Receipt
from vgigw.operations import REPORT_CAPABILITY, Role
from vgigw.ports import Call, Document, Identity, Transaction
from vgigw.rules.capability import check_claim

_TICKS_PER_MS: Final = 1000
NAMES: Final = NamesTold("CapabilityName")
"""A CapabilityID is chosen by whoever reports: two parties may choose the same one."""


class Capability:
    """Handlers of reports of ability."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(REPORT_CAPABILITY)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """Of a resource of the sender's own, within its rating; every report is kept."""
        report: AdjustCapability = call.request
        owner = call.peer.operator_id
        if self._identity.role is Role.PLATFORM:
            target = target_of(tx, report.resource_id, owner, report.data_time)
            call = aligned_call(call, target.polarity)
            report = call.request
            check_claim(report, target.polarity, target.rated)
            self._pass_up(report, target.polarity, call, tx)
        version = _version(report, tx)
        key, group = report.resource_id, report.capability_id
        tx.put(document_of(call, CAPABILITY, owner, key, version, group))
        return receipt(call, report.capability_id)

    @authors(REPORT_CAPABILITY)
    def keep_own(self, report: AdjustCapability, _: str, tx: Transaction, now: datetime) -> None:
        """What we report of our own bounds commands to it here, too."""
        canonical = json.encode(report)
        document = Document(
            kind=CAPABILITY,
            owner=self._identity.operator_id,
            key=report.resource_id,
            version=_version(report, tx),
            group=report.capability_id,
            payload=pack(canonical),
            digest=json.digest(canonical),
            at=now,
        )
        tx.put(document)

    def _pass_up(
        self, report: AdjustCapability, held: PolarityMode, call: Call, tx: Transaction
    ) -> None:
        """To every dispatch, in the polarity that it speaks: a report states none. 2.0(7)."""
        name = NAMES.give(call.peer.operator_id, report.capability_id, tx, call.now)
        for destination in self._routes.receivers(REPORT_CAPABILITY):
            peer = self._identity.peers[destination]
            said = replace(told(report, held, peer), capability_id=name)
            check_sayable(said, peer)
            self._routes.pass_on(call, tx, to=(destination,), request=said)


def _version(report: AdjustCapability, tx: Transaction) -> int:
    """The newest by DataTime is in force; two of one instant are not one version."""
    happened_ms = int(report.data_time.timestamp() * 1000)
    return happened_ms * _TICKS_PER_MS + tx.next_number("capability") % _TICKS_PER_MS
