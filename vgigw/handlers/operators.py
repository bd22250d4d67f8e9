"""Archives of operators and aggregators: each speaks of itself, the platform of all. PLT-8.2."""

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
from vgigw.rules.archives import masked

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
        owner = self._routes.owner(call, info.operator_id)
        held = tx.document(OPERATORS.kind, owner, info.operator_id)
        OPERATORS.take(call, tx, owner)
        if held is None or held.digest != call.digest:
            self._routes.pass_on(call, tx, request=self._told(info, tx))
        return ArchiveReceipt(status=Success.OK, version=info.version)

    @authors(PUSH_OPERATOR)
    def keep_own(self, info: OperatorInfo, _: str, tx: Transaction, now: datetime) -> None:
        OPERATORS.keep(info, info.operator_id, tx, now)

    @handles(QUERY_OPERATORS)
    def query(self, call: Call, tx: Transaction) -> OperatorPage:
        """A party sees itself, dispatch every one."""
        query: OperatorQuery = call.request
        own = self._routes.visible(call.peer)
        page = OPERATORS.page(tx, query, own, key=query.operator_id)
        items = (self._decided(each, tx) for each in page.items)
        return OperatorPage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            operator_infos=tuple(items) if own is not None else tuple(map(_without_account, items)),
        )

    def _told(self, info: OperatorInfo, view: View) -> OperatorInfo:
        """What another party learns of ``info``."""
        return _without_account(self._decided(info, view))

    def _decided(self, info: OperatorInfo, view: View) -> OperatorInfo:
        """With the access state that was decided here; what a party says of its own is no
        decision. PLT-8.11a."""
        if self._identity.role is not Role.PLATFORM:
            return info
        standing = standing_of(view, self._identity, info.operator_id)
        state = AccessState.SUSPENDED if standing.cut_off else _SHOWN_AS[standing.stage]
        return replace(info, access_state=state)


def _without_account(info: OperatorInfo) -> OperatorInfo:
    if info.account_ref is None:
        return info
    return replace(info, account_ref=masked(info.account_ref))
