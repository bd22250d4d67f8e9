"""Archives of operators and aggregators: each speaks of itself, the platform of all. PLT-8.2.

An aggregator also speaks of the operators that it acts for and that are no peers themselves.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from vgigw.handlers.marks import authors, handles
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import standing_of
from vgigw.objects import AccessState, ArchiveReceipt, OperatorInfo, OperatorPage, OperatorQuery
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_OPERATOR, QUERY_OPERATORS, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.access import AccessStage
from vgigw.rules.archives import acts_for, masked

OPERATORS = Shelf(OperatorInfo, key="operator_id")

_SHOWN_AS: Final = MappingProxyType(
    {
        AccessStage.CONFIGURED: AccessState.APPROVED,
        AccessStage.APPLIED: AccessState.APPLIED,
        AccessStage.ONE_APPROVAL: AccessState.APPLIED,
        AccessStage.APPROVED: AccessState.APPROVED,
        AccessStage.KEYED: AccessState.APPROVED,
        AccessStage.CONNECTED: AccessState.APPROVED,
        AccessStage.ARCHIVED: AccessState.APPROVED,
        AccessStage.ACTIVE: AccessState.ACTIVE,
        AccessStage.REFUSED: AccessState.APPLIED,
        AccessStage.HELD: AccessState.SUSPENDED,
        AccessStage.HELD_APPLIED: AccessState.SUSPENDED,
        AccessStage.HELD_ONE_APPROVAL: AccessState.SUSPENDED,
        AccessStage.REMOVED: AccessState.REMOVED,
    }
)
"""How far an access has come, in the words of the archive. PLT-8.11."""


class Operators:
    """Handlers of the archives of parties."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_OPERATOR)
    def take(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """Kept as it was said, passed up as the platform knows it. PLT-8.11a."""
        info: OperatorInfo = call.request
        owner = self._teller(call, tx)
        held = tx.document(OPERATORS.kind, owner, info.operator_id)
        OPERATORS.take(call, tx, owner)
        if held is None or held.digest != call.digest:
            self._routes.pass_on(call, tx, request=self._told(info, owner, tx))
        return ArchiveReceipt(status=Success.OK, version=info.version)

    @authors(PUSH_OPERATOR)
    def keep_own(self, info: OperatorInfo, _: str, tx: Transaction, now: datetime) -> None:
        OPERATORS.keep(info, info.operator_id, tx, now)

    @handles(QUERY_OPERATORS)
    def query(self, call: Call, tx: Transaction) -> OperatorPage:
        """A party sees itself and those whom it acts for, dispatch every one."""
        query: OperatorQuery = call.request
        own = self._routes.visible(call.peer)
        page = OPERATORS.page(tx, query, own, key=query.operator_id)
        items = (self._decided(each, own or _teller_of(each, tx), tx) for each in page.items)
        return OperatorPage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            operator_infos=tuple(items) if own is not None else tuple(map(_without_account, items)),
        )

    def _teller(self, call: Call, view: View) -> str:
        """Whose the archive is: the party's own, or that of the aggregator which acts for it.

        Raises ``NotAllowed`` for one who speaks for somebody else: for a peer, which speaks for
        itself, or for a party that it does not act for now or that another one told of.
        """
        info: OperatorInfo = call.request
        sender = call.peer.operator_id
        known = info.operator_id in (self._identity.operator_id, *self._identity.peers)
        if not known and self._identity.role is Role.PLATFORM:
            own = OPERATORS.find(view, sender, sender)
            told = view.documents(OPERATORS.kind, key=info.operator_id)
            mine = all(each.owner == sender for each in told)
            if mine and own is not None and info.operator_id in acts_for(own, call.now):
                return sender
        return self._routes.owner(call, info.operator_id)

    def _told(self, info: OperatorInfo, teller: str, view: View) -> OperatorInfo:
        """What another party learns of ``info``."""
        return _without_account(self._decided(info, teller, view))

    def _decided(self, info: OperatorInfo, teller: str, view: View) -> OperatorInfo:
        """With the access state that was decided here of who told it; what a party says of its own
        is no decision. PLT-8.11a."""
        if self._identity.role is not Role.PLATFORM or teller not in self._identity.peers:
            return info
        standing = standing_of(view, self._identity, teller)
        state = AccessState.SUSPENDED if standing.cut_off else _SHOWN_AS[standing.stage]
        return replace(info, access_state=state)


def _teller_of(info: OperatorInfo, view: View) -> str:
    """Who told of a party: itself, or else who acts for it."""
    told = view.documents(OPERATORS.kind, key=info.operator_id)
    owners = [each.owner for each in told]
    return info.operator_id if info.operator_id in owners else owners[0]


def _without_account(info: OperatorInfo) -> OperatorInfo:
    if info.account_ref is None:
        return info
    return replace(info, account_ref=masked(info.account_ref))
