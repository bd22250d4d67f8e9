"""Customers: each party its own, nowhere else; where they hang on the grid. ACC-6.1, ACC-7.1."""

from __future__ import annotations

import pytest

from tests.cases.registers import a_customer
from tests.cases.trading import call, refusal
from tests.cases.worlds import AGGREGATOR, OPERATOR, OTHER, PLATFORM, World
from vgigw import operations as ops
from vgigw.handlers.attachments import CUSTOMER, attached
from vgigw.objects import CustomerInfo, CustomerQuery

PUSH, QUERY = ops.PUSH_CUSTOMER, ops.QUERY_CUSTOMERS


@pytest.fixture
def world() -> World:
    return World()


def found(world: World, party: str, customer_no: str | None = None) -> tuple[CustomerInfo, ...]:
    page = call(world, party, QUERY, CustomerQuery(customer_no=customer_no))
    return tuple(page.customer_infos)


def at(world: World, node_id: str) -> list[tuple[str, str, str]]:
    hung = world.served.store.read(lambda view: attached(view, node_id))
    return [(each.what, each.object_id, each.owner) for each in hung]


def test_acc_6_1_a_customer_is_kept_with_every_member_and_stays_here(world: World) -> None:
    customer = a_customer(operator_id=OPERATOR, meter_nos=("M1", "M2"), contact_phone="0591-1")
    call(world, OPERATOR, PUSH, customer)
    assert found(world, OPERATOR) == (customer,)
    assert world.kept()["letters"] == []


@pytest.mark.parametrize("party", [OTHER, AGGREGATOR])
def test_acc_g_4_nobody_pushes_a_customer_of_another(world: World, party: str) -> None:
    assert refusal(world, party, PUSH, a_customer(operator_id=OPERATOR)) == 4301
    assert refusal(world, party, PUSH, a_customer(operator_id=PLATFORM)) == 4301


def test_acc_g_4_a_foreign_customer_is_none(world: World) -> None:
    call(world, OPERATOR, PUSH, a_customer())
    assert found(world, OTHER, "N1") == found(world, OTHER, "nobody") == found(world, OTHER) == ()


def test_plt_6_10_a_customer_hangs_on_its_line_and_its_transformer(world: World) -> None:
    call(world, OPERATOR, PUSH, a_customer(transformer_area_id="T1", feeder_id="F1"))
    hung = [(CUSTOMER, "N1", OPERATOR)]
    assert (at(world, "T1"), at(world, "F1")) == (hung, hung)
    call(world, OPERATOR, PUSH, a_customer(version=2, transformer_area_id="T2", feeder_id="F1"))
    assert (at(world, "T1"), at(world, "T2"), at(world, "F1")) == ([], hung, hung)
    call(world, OPERATOR, PUSH, a_customer(version=3))
    assert (at(world, "T2"), at(world, "F1")) == ([], [])


def test_what_an_operator_pushes_stands_in_its_own_archive_too() -> None:
    operator = World(OPERATOR)
    customer = a_customer(feeder_id="F1")
    operator.act(PLATFORM, PUSH, customer)
    held = operator.served.store.read(lambda view: view.documents(CustomerInfo.__name__))
    assert [(each.owner, each.key, each.version) for each in held] == [(OPERATOR, "N1", 1)]
    assert at(operator, "F1") == [(CUSTOMER, "N1", OPERATOR)]
