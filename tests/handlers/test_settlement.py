"""Statements, shares, reconciliation, incomes, invoices: each party its own. PLT-6.6, JES-6.5.4."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.trading import (
    HOUR,
    MIDNIGHT,
    a_claim,
    a_settlement,
    an_assessment,
    an_energy_statement,
    call,
    commanded,
    faults,
    refusal,
    sent,
)
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
    identity_of,
)
from vgigw import operations as ops
from vgigw.errors import Conflict, HandlerFailed, InvalidObject, NotAllowed, VersionConflict
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import (
    CommandAck,
    EnergyStatement,
    ExecutionReport,
    IncomePage,
    IncomeQuery,
    Invoice,
    InvoiceQuery,
    ReconcileItem,
    ReconcileResult,
    SettlementStatement,
)
from vgigw.objects.operating_enumerations import AckResult, ExecState
from vgigw.objects.settlement_enumerations import InvoiceState, ReconcileState, StatementState
from vgigw.ports import Functions, LetterState, View

ENERGY, SETTLE = ops.PUBLISH_ENERGY_STATEMENT, ops.PUBLISH_SETTLEMENT
RECONCILE, INCOME, INVOICE = ops.RECONCILE, ops.QUERY_INCOME, ops.QUERY_INVOICE


@pytest.fixture
def world() -> World:
    return World()


def incomes(world: World, party: str, **asked: Any) -> IncomePage:
    found: IncomePage = call(world, party, INCOME, IncomeQuery(**asked))
    return found


@pytest.mark.parametrize("issuer", [DISPATCH, EXCHANGE, SUPERVISOR])
def test_plt_6_6_verified_energy_goes_to_the_aggregator_alone(world: World, issuer: str) -> None:
    receipt = call(world, issuer, ENERGY, an_energy_statement())
    assert (receipt.statement_id, receipt.state) == ("E1", StatementState.ISSUED)
    assert receipt.receive_time == NOW
    assert sent(world, ENERGY) == [(OPERATOR, an_energy_statement())]


def test_plt_6_6_versions_rise_and_stay_with_their_issuer(world: World) -> None:
    call(world, DISPATCH, ENERGY, an_energy_statement(2))
    assert refusal(world, DISPATCH, ENERGY, an_energy_statement(1)) == 4204
    call(world, DISPATCH, ENERGY, an_energy_statement(3))
    with pytest.raises(Conflict):
        world.act(OPERATOR, ENERGY, an_energy_statement(4))


def test_plt_6_6_two_issuers_may_choose_one_identifier_and_neither_learns_of_the_other(
    world: World,
) -> None:
    call(world, DISPATCH, ENERGY, an_energy_statement(2))
    receipt = call(world, EXCHANGE, ENERGY, an_energy_statement(1))
    assert receipt.statement_id == "E1"
    call(world, EXCHANGE, ENERGY, an_energy_statement(2))
    names = [kept.statement_id for _, kept in sent(world, ENERGY)]  # type: ignore[attr-defined]
    assert names[0] == "E1" not in names[1:]
    assert names[1] == names[2]


def test_plt_6_6_an_aggregator_that_nobody_knows_is_4201(world: World) -> None:
    unknown = an_energy_statement(aggregator_id="999999999")
    assert refusal(world, DISPATCH, ENERGY, unknown) == 4201
    assert refusal(world, DISPATCH, ENERGY, an_energy_statement(aggregator_id=EXCHANGE)) == 4201


def test_plt_6_6_a_period_that_is_none_is_4004(world: World) -> None:
    wrong = an_energy_statement(period_end=MIDNIGHT)
    assert faults(world, DISPATCH, ENERGY, wrong) == ["/PeriodEnd"]


def test_plt_6_6_the_platform_sends_its_own_to_the_aggregator_only(world: World) -> None:
    world.act(OPERATOR, ENERGY, an_energy_statement())
    with pytest.raises(NotAllowed):
        world.act(OTHER, ENERGY, an_energy_statement(statement_id="E2"))
    assert sent(world, ENERGY) == [(OPERATOR, an_energy_statement())]


def test_plt_6_6_an_aggregator_takes_its_own_energy_only() -> None:
    world = World(AGGREGATOR)
    call(world, PLATFORM, ENERGY, an_energy_statement(aggregator_id=AGGREGATOR))
    assert refusal(world, PLATFORM, ENERGY, an_energy_statement(statement_id="E2")) == 4201


def settling(settled: SettlementStatement | None) -> World:
    """A platform whose embedding system settles verified energy as ``settled``."""

    def settle(_: EnergyStatement, __: View, ___: datetime) -> SettlementStatement | None:
        return settled

    world = World()
    identity = identity_of(PLATFORM)
    world.served = Gateway(
        identity=identity,
        store=world.served.store,
        duties=builtin(identity, functions=Functions(settle=settle)),
        couriers={},
        sender=world.net,
    )
    world.net.join("served", world.served)
    return world


def test_plt_6_7_verified_energy_is_settled_by_the_function_of_the_embedding_system() -> None:
    settled = a_settlement(aggregator=OPERATOR)
    settled = replace(settled, shares=settled.shares[:1], net_amount=Decimal("9.00"))
    settled = replace(settled, shares=(replace(settled.shares[0], amount=Decimal("9.00")),))
    world = settling(settled)
    call(world, DISPATCH, ENERGY, an_energy_statement(state=StatementState.DRAFT))
    assert sent(world, SETTLE) == []
    call(world, DISPATCH, ENERGY, an_energy_statement(2))
    assert sent(world, SETTLE) == [(OPERATOR, settled)]
    assert incomes(world, OPERATOR).incomes[0].amount == Decimal("9.00")


@pytest.mark.parametrize(
    "settled",
    [
        a_settlement(aggregator=OPERATOR, net_amount=Decimal("9.01")),
        a_settlement(aggregator=OTHER),
    ],
)
def test_plt_6_7_a_settlement_that_is_wrong_is_our_fault_and_nothing_is_kept(
    settled: SettlementStatement,
) -> None:
    world = settling(settled)
    assert refusal(world, DISPATCH, ENERGY, an_energy_statement()) == HandlerFailed.ret


def test_plt_6_7_the_plain_platform_settles_nothing_by_itself(world: World) -> None:
    call(world, DISPATCH, ENERGY, an_energy_statement())
    assert sent(world, SETTLE) == []


def test_plt_6_7_a_platform_sends_the_whole_to_the_aggregator_only(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.act(OPERATOR, SETTLE, a_settlement())
    with pytest.raises(InvalidObject):
        world.act(AGGREGATOR, SETTLE, a_settlement(net_amount=Decimal("9.01")))
    part = replace(a_settlement(), shares=a_settlement().shares[1:])
    with pytest.raises(InvalidObject):
        world.act(AGGREGATOR, SETTLE, part)
    world.act(AGGREGATOR, SETTLE, a_settlement())
    assert sent(world, SETTLE) == [(AGGREGATOR, a_settlement())]
    with pytest.raises(VersionConflict):
        world.act(AGGREGATOR, SETTLE, a_settlement(state=StatementState.FINAL))
    with pytest.raises(Conflict):
        world.act(OTHER, SETTLE, a_settlement(aggregator=OTHER))


def test_jes_6_5_4a_each_party_is_told_its_own_share_and_no_other_account() -> None:
    world = World(AGGREGATOR)
    shares = a_settlement().shares
    users = replace(shares[2], party_id=OEM)
    whole = a_settlement(
        shares=(*shares[:2], users), invoice_no="I1", invoice_url="https://i", differences=()
    )
    call(world, PLATFORM, SETTLE, whole)

    told = dict(sent(world, SETTLE))
    assert set(told) == {OPERATOR, OEM}
    for party, share in ((OPERATOR, shares[1]), (OEM, users)):
        statement = told[party]
        assert isinstance(statement, SettlementStatement)
        assert statement.shares == (share,)
        assert (statement.invoice_no, statement.invoice_url) == (None, None)
        assert statement.net_amount == whole.net_amount


def test_jes_6_5_4a_a_draft_is_not_passed_on() -> None:
    world = World(AGGREGATOR)
    call(world, PLATFORM, SETTLE, a_settlement(state=StatementState.DRAFT))
    assert sent(world, SETTLE) == []
    call(world, PLATFORM, SETTLE, a_settlement(2))
    assert [party for party, _ in sent(world, SETTLE)] == [OPERATOR]


def test_plt_6_7_an_aggregator_takes_the_whole_of_its_own_only() -> None:
    world = World(AGGREGATOR)
    assert refusal(world, PLATFORM, SETTLE, a_settlement(aggregator=OTHER)) == 4201
    part = replace(a_settlement(), shares=a_settlement().shares[1:])
    assert faults(world, PLATFORM, SETTLE, part) == ["/Shares"]
    call(world, PLATFORM, SETTLE, a_settlement(2))
    assert refusal(world, PLATFORM, SETTLE, a_settlement(1)) == 4204


def test_jes_6_5_4a_an_operator_takes_a_part_from_the_aggregator_that_it_is_of() -> None:
    world = World(OPERATOR)
    part = replace(a_settlement(), shares=(a_settlement().shares[1],))
    call(world, AGGREGATOR, SETTLE, part)
    assert faults(world, AGGREGATOR, SETTLE, a_settlement(2)) == ["/Shares"]
    foreign = replace(part, aggregator_id=OTHER, version=3)
    assert refusal(world, AGGREGATOR, SETTLE, foreign) == 4301


def test_jes_6_5_4a_an_aggregator_sends_nobody_the_share_of_another() -> None:
    world = World(AGGREGATOR)
    shares = a_settlement().shares
    with pytest.raises(InvalidObject):
        world.act(OPERATOR, SETTLE, a_settlement())
    with pytest.raises(NotAllowed):
        world.act(OEM, SETTLE, replace(a_settlement(), shares=(shares[1],)))
    with pytest.raises(NotAllowed):
        world.act(OPERATOR, SETTLE, replace(a_settlement(aggregator=OTHER), shares=(shares[1],)))
    world.act(OPERATOR, SETTLE, replace(a_settlement(), shares=(shares[1],)))
    world.act(OEM, SETTLE, replace(a_settlement(), shares=(shares[2],)))
    assert [party for party, _ in sent(world, SETTLE)] == [OPERATOR, OEM]


def test_jes_6_5_4c_a_party_sees_its_own_income_only(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement(invoice_no="I1"))
    (own,) = incomes(world, AGGREGATOR).incomes
    assert (own.party_id, own.amount, own.invoice_no) == (AGGREGATOR, Decimal("1.80"), "I1")
    (share,) = incomes(world, OPERATOR, party_id=OPERATOR).incomes
    assert (share.party_id, share.amount) == (OPERATOR, Decimal("4.50"))
    assert incomes(world, OTHER) == IncomePage(page_no=1, page_count=0, item_size=0)


@pytest.mark.parametrize("named", [AGGREGATOR, "V1", "999999999", PLATFORM])
def test_jes_6_5_4c_any_other_party_is_4301_whether_it_exists_or_not(
    world: World, named: str
) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    assert refusal(world, OPERATOR, INCOME, IncomeQuery(party_id=named)) == 4301


def test_jes_6_5_4c_an_income_is_in_the_period_that_it_begins_in(world: World) -> None:
    for day in range(3):
        start = MIDNIGHT + day * 24 * HOUR
        statement = a_settlement(
            statement_id=f"S{day}", period_start=start, period_end=start + 24 * HOUR
        )
        world.act(AGGREGATOR, SETTLE, statement)

    def found(start: int | None, end: int | None) -> list[str]:
        asked = {
            "period_start": None if start is None else MIDNIGHT + start * HOUR,
            "period_end": None if end is None else MIDNIGHT + end * HOUR,
        }
        return [income.statement_id for income in incomes(world, OPERATOR, **asked).incomes]

    assert found(None, None) == ["S0", "S1", "S2"]
    assert found(0, 24) == ["S0"]
    assert found(24, None) == ["S1", "S2"]
    assert found(1, 49) == ["S1", "S2"]
    assert found(None, 24) == ["S0"]


def test_acc_7_7_pages_of_incomes_hold_each_once(world: World) -> None:
    for number in range(5):
        world.act(AGGREGATOR, SETTLE, a_settlement(statement_id=f"S{number}"))
    for asked in ({}, {"period_start": MIDNIGHT}):
        pages = [incomes(world, OPERATOR, page_no=n, page_size=2, **asked) for n in (1, 2, 3, 4)]
        assert [(p.page_count, p.item_size) for p in pages] == [(3, 5)] * 4
        assert [i.statement_id for p in pages for i in p.incomes] == [f"S{n}" for n in range(5)]


def test_jes_6_5_4a_a_new_version_takes_the_place_of_every_share(world: World) -> None:
    first = a_settlement()
    world.act(AGGREGATOR, SETTLE, first)
    without = (first.shares[0], replace(first.shares[1], party_id=OTHER), first.shares[2])
    world.act(AGGREGATOR, SETTLE, a_settlement(2, shares=without, state=StatementState.FINAL))
    assert incomes(world, OPERATOR).item_size == 0
    assert incomes(world, OTHER).incomes[0].amount == Decimal("4.50")
    assert incomes(world, AGGREGATOR).incomes[0].state is StatementState.FINAL


def test_jes_6_5_4c_an_invoice_is_the_aggregators_alone(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement(invoice_no="I1", invoice_url="https://i"))
    found = call(world, AGGREGATOR, INVOICE, InvoiceQuery(invoice_no="I1"))
    assert found == Invoice(
        invoice_no="I1",
        statement_id="S1",
        aggregator_id=AGGREGATOR,
        amount=Decimal("9.00"),
        invoice_state=InvoiceState.NOT_ISSUED,
        invoice_url="https://i",
    )
    assert refusal(world, OPERATOR, INVOICE, InvoiceQuery(invoice_no="I1")) == 4201
    assert refusal(world, OPERATOR, INVOICE, InvoiceQuery(invoice_no="I9")) == 4201


def test_jes_6_5_4c_an_invoice_is_issued_once_and_gone_with_its_number(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement(invoice_no="I1"))
    issued, reversed_ = InvoiceState.ISSUED, InvoiceState.REVERSED
    world.act(AGGREGATOR, SETTLE, a_settlement(2, invoice_no="I1", invoice_state=issued))
    world.clock.move_to(NOW + HOUR)
    world.act(AGGREGATOR, SETTLE, a_settlement(3, invoice_no="I1", invoice_state=reversed_))
    found = call(world, AGGREGATOR, INVOICE, InvoiceQuery(invoice_no="I1"))
    assert (found.invoice_state, found.issue_time) == (reversed_, NOW)
    with pytest.raises(Conflict):
        world.act(AGGREGATOR, SETTLE, a_settlement(statement_id="S2", invoice_no="I1"))
    world.act(AGGREGATOR, SETTLE, a_settlement(4, invoice_no="I2"))
    assert refusal(world, AGGREGATOR, INVOICE, InvoiceQuery(invoice_no="I1")) == 4201


def rounds(world: World, *claims: Any) -> list[ReconcileState]:
    return [
        call(world, AGGREGATOR, RECONCILE, a_claim(number, **claim)).reconcile_state
        for number, claim in enumerate(claims, start=1)
    ]


WRONG: dict[str, Any] = {"net_amount": Decimal("9.01")}


def test_jes_6_5_4c_equal_figures_end_a_reconciliation(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    assert rounds(world, {}) == [ReconcileState.EQUAL]
    assert refusal(world, AGGREGATOR, RECONCILE, a_claim(2, **WRONG)) == 4203
    assert call(world, AGGREGATOR, RECONCILE, a_claim(2)).reconcile_state is ReconcileState.EQUAL


def test_jes_6_5_4c_what_still_differs_is_disputed_until_it_is_equal(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    states = ReconcileState
    found = rounds(world, WRONG, WRONG, WRONG, {})
    assert found == [states.DIFFERS, states.DISPUTED, states.DISPUTED, states.EQUAL]


def test_jes_6_5_4c_differences_are_told_with_both_values(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    result: ReconcileResult = call(world, AGGREGATOR, RECONCILE, a_claim(**WRONG))
    (difference,) = result.differences
    assert (difference.figure, difference.statement_value, difference.claimed_value) == (
        "NetAmount",
        Decimal("9.00"),
        Decimal("9.01"),
    )


@settings(max_examples=15)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_jes_6_5_4c_rounds_only_rise(numbers: list[int]) -> None:
    world = World()
    world.act(AGGREGATOR, SETTLE, a_settlement())
    highest = 0
    claims: dict[int, Any] = {}
    for place, number in enumerate(numbers):
        claim = a_claim(number, net_amount=Decimal(place))
        if number > highest:
            claims[number] = claim
            assert call(world, AGGREGATOR, RECONCILE, claim).round_no == number
            highest = number
        elif number not in claims:
            assert refusal(world, AGGREGATOR, RECONCILE, claim) == 4203


def test_jes_6_5_4c_a_new_version_opens_the_reconciliation_again(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    rounds(world, {})
    world.act(AGGREGATOR, SETTLE, a_settlement(2))
    result = call(world, AGGREGATOR, RECONCILE, a_claim(2, **WRONG))
    assert result.reconcile_state is ReconcileState.DIFFERS
    assert refusal(world, AGGREGATOR, RECONCILE, a_claim(1, **WRONG)) == 4202


def test_jes_6_5_4c_a_final_statement_is_not_reconciled(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement(state=StatementState.FINAL))
    assert refusal(world, AGGREGATOR, RECONCILE, a_claim()) == 4203


def test_jes_6_5_4c_a_foreign_statement_and_none_are_one_answer(world: World) -> None:
    world.act(AGGREGATOR, SETTLE, a_settlement())
    assert refusal(world, OPERATOR, RECONCILE, a_claim()) == 4201
    nothing = replace(a_claim(), statement_id="S9")
    assert refusal(world, OPERATOR, RECONCILE, nothing) == 4201


def test_plt_6_6_metered_energies_are_compared_with_the_energy_statement(world: World) -> None:
    call(world, DISPATCH, ENERGY, an_energy_statement(aggregator_id=AGGREGATOR))
    world.act(AGGREGATOR, SETTLE, a_settlement())
    equal = {"charge_energy": Decimal("100.1"), "discharge_energy": Decimal("40.2")}
    assert rounds(world, {**equal, "charge_energy": Decimal(100)}, equal) == [
        ReconcileState.DIFFERS,
        ReconcileState.EQUAL,
    ]


def an_item(command_id: str, energy: str, pay: str, fee: str) -> ReconcileItem:
    return ReconcileItem(
        item_id=command_id,
        adjust_energy=Decimal(energy),
        compensation_amount=Decimal(pay),
        penalty_amount=Decimal(fee),
    )


def test_jes_6_5_4c_items_are_compared_with_report_and_assessment(world: World) -> None:
    commanded(world)
    ack = CommandAck(command_id="K1", ack_result=AckResult.ACCEPTED, ack_time=NOW)
    call(world, OPERATOR, ops.ACK_CONTROL, ack)
    report = ExecutionReport(
        command_id="K1",
        report_id="R1",
        exec_state=ExecState.DONE,
        actual_start_time=NOW,
        actual_end_time=NOW + HOUR,
        response_quantity=Decimal("33.333"),
        response_accuracy=Decimal(90),
        delay_sec=Decimal(1),
    )
    call(world, OPERATOR, ops.REPORT_EXECUTION, report)
    call(world, DISPATCH, ops.PUBLISH_ASSESSMENT, an_assessment(penalty_amount=Decimal(1)))
    shares = (replace(a_settlement(aggregator=OPERATOR).shares[0], amount=Decimal(9)),)
    world.act(OPERATOR, SETTLE, a_settlement(aggregator=OPERATOR, shares=shares))

    def figures(number: int, *items: ReconcileItem) -> list[tuple[str | None, str]]:
        result = call(world, OPERATOR, RECONCILE, a_claim(number, items=items))
        return [(each.item_id, each.figure) for each in result.differences]

    other = an_item("K1", "33.334", "10.01", "0.00")
    assert figures(1, other) == [
        (None, "AdjustEnergy"),
        (None, "PenaltyAmount"),
        ("K1", "AdjustEnergy"),
        ("K1", "CompensationAmount"),
        ("K1", "PenaltyAmount"),
    ]
    assert figures(2, an_item("K9", "33.333", "10.00", "1.00")) == [("K9", "AdjustEnergy")]
    assert figures(3, an_item("K1", "33.333", "10.00", "1.00")) == []


def test_jes_6_5_4c_a_platform_may_ask_and_rounds_are_counted_together() -> None:
    world = World(AGGREGATOR)
    call(world, PLATFORM, SETTLE, a_settlement())
    result = call(world, PLATFORM, RECONCILE, a_claim(1, **WRONG))
    assert result.reconcile_state is ReconcileState.DIFFERS
    assert refusal(world, PLATFORM, RECONCILE, replace(a_claim(), statement_id="S9")) == 4201


def test_jes_6_5_4c_the_answer_to_our_own_round_is_where_it_stands(world: World) -> None:
    """The platform asks the aggregator, who then goes on with the next round."""
    other = World(AGGREGATOR)
    call(other, PLATFORM, SETTLE, a_settlement())
    world.act(AGGREGATOR, SETTLE, a_settlement())
    world.act(AGGREGATOR, RECONCILE, a_claim(1, **WRONG))
    letters = world.served.store.read(lambda view: view.letters())
    letter = next(each for each in letters if each.operation == RECONCILE.name)
    reply = call(other, PLATFORM, RECONCILE, a_claim(1, **WRONG))
    delivered = replace(letter, state=LetterState.DELIVERED)
    follow = world.served._duties.followers[RECONCILE.name]
    world.served.store.write(lambda tx: follow(delivered, reply, tx, NOW))
    assert refusal(world, AGGREGATOR, RECONCILE, a_claim(1)) == 4203
    result = call(world, AGGREGATOR, RECONCILE, a_claim(2, **WRONG))
    assert result.reconcile_state is ReconcileState.DISPUTED


def test_jes_6_5_4c_dispatch_sees_nobodys_money(world: World) -> None:
    assert refusal(world, DISPATCH, INCOME, IncomeQuery()) == 4301
    assert refusal(world, DISPATCH, INVOICE, InvoiceQuery(invoice_no="I1")) == 4301
