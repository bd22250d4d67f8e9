"""Archives of electricity customers: each belongs to the party that pushed it. ACC-6.1, ACC-7.1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vgigw.handlers.attachments import CUSTOMER, Attachment, attach
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import ArchiveReceipt, CustomerInfo, CustomerPage, CustomerQuery
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_CUSTOMER, QUERY_CUSTOMERS
from vgigw.ports import Call, Identity, Transaction

CUSTOMERS = Shelf(CustomerInfo, key="customer_no")


class Customers:
    """Handlers of customer archives."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_CUSTOMER)
    def take(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """An operator pushes the accounts that it holds itself. ACC-G.4."""
        customer: CustomerInfo = call.request
        owner = self._routes.owner(call, customer.operator_id)
        before = CUSTOMERS.find(tx, owner, customer.customer_no)
        CUSTOMERS.take(call, tx, owner)
        _index(customer, before, owner, tx, call.now)
        return ArchiveReceipt(status=Success.OK, version=customer.version)

    @authors(PUSH_CUSTOMER)
    def keep_own(self, customer: CustomerInfo, _: str, tx: Transaction, now: datetime) -> None:
        owner = self._identity.operator_id
        before = CUSTOMERS.find(tx, owner, customer.customer_no)
        CUSTOMERS.keep(customer, owner, tx, now)
        _index(customer, before, owner, tx, now)

    @handles(QUERY_CUSTOMERS)
    def query(self, call: Call, tx: Transaction) -> CustomerPage:
        """The caller's own, one page of them."""
        query: CustomerQuery = call.request
        owner = self._routes.visible(call.peer)
        page = CUSTOMERS.page(tx, query, owner, key=query.customer_no)
        return CustomerPage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            customer_infos=page.items,
        )


def _index(
    customer: CustomerInfo, before: CustomerInfo | None, owner: str, tx: Transaction, now: datetime
) -> None:
    gone = () if before is None else _attachments(before, owner)
    attach(_attachments(customer, owner), gone, tx, now)


def _attachments(customer: CustomerInfo, owner: str) -> Iterator[Attachment]:
    for node_id in dict.fromkeys((customer.transformer_area_id, customer.feeder_id)):
        if node_id is not None:
            yield Attachment(
                node_id=node_id, what=CUSTOMER, object_id=customer.customer_no, owner=owner
            )
