"""Archives of parties: who speaks of whom, and what dispatch learns. PLT-8.2, PLT-8.11a."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.archives import A_CREDIT_CODE
from tests.cases.registers import AGENTED, HOUR, a_party, an_aggregator
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import AGGREGATOR, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, World
from vgigw import operations as ops
from vgigw.handlers.standing import Standing, save_standing
from vgigw.objects import AccessState, AgentOperator, OperatorInfo, OperatorQuery
from vgigw.objects.enumerations import OperatorRole
from vgigw.rules.access import AccessStage
from vgigw.rules.distrust import CUT_OFF

PUSH, QUERY = ops.PUSH_OPERATOR, ops.QUERY_OPERATORS


@pytest.fixture
def world() -> World:
    return World()


def found(world: World, party: str, operator_id: str | None = None) -> tuple[OperatorInfo, ...]:
    page = call(world, party, QUERY, OperatorQuery(operator_id=operator_id))
    return tuple(page.operator_infos)


def names(world: World, party: str) -> list[str]:
    return [each.operator_id for each in found(world, party)]


def stand(world: World, party: str, **changes: Any) -> None:
    standing = Standing(party_id=party, **changes)
    world.served.store.write(lambda tx: save_standing(standing, tx, NOW))


def test_plt_8_2_a_party_speaks_of_itself_and_dispatch_is_told_at_once(world: World) -> None:
    call(world, OPERATOR, PUSH, a_party())
    (letter,) = world.served.store.read(lambda view: view.letters())
    assert (letter.destination, letter.operation) == (DISPATCH, PUSH.name)
    assert letter.created_at == letter.next_at == NOW
    world.served.store.write(lambda tx: tx.erase_answer(OPERATOR, PUSH.name, f"{OPERATOR}\x1f1"))
    call(world, OPERATOR, PUSH, a_party())
    assert len(sent(world, PUSH)) == 1


@pytest.mark.parametrize("of", [OTHER, AGGREGATOR, PLATFORM, DISPATCH, AGENTED])
def test_acc_g_4_nobody_speaks_of_another(world: World, of: str) -> None:
    assert refusal(world, OPERATOR, PUSH, a_party(of)) == 4301


def test_plt_8_2_an_aggregator_speaks_of_an_operator_that_it_acts_for(world: World) -> None:
    assert refusal(world, AGGREGATOR, PUSH, a_party(AGENTED)) == 4301
    call(world, AGGREGATOR, PUSH, an_aggregator(AGENTED))
    call(world, AGGREGATOR, PUSH, a_party(AGENTED))
    call(world, AGGREGATOR, PUSH, a_party(AGENTED, 2, operator_name="of another name"))
    assert names(world, AGGREGATOR) == [AGGREGATOR, AGENTED]
    assert found(world, DISPATCH, AGENTED)[0].operator_name == "of another name"
    told = [each for _, each in sent(world, PUSH) if isinstance(each, OperatorInfo)]
    assert [each.operator_id for each in told] == [AGGREGATOR, AGENTED, AGENTED]


@pytest.mark.parametrize(
    "agency",
    [{"agent_from": NOW + HOUR}, {"agent_to": NOW}, {"agent_from": NOW - HOUR, "agent_to": NOW}],
    ids=["not yet", "no more", "just over"],
)
def test_plt_8_2_an_agency_holds_from_its_beginning_to_its_end(
    world: World, agency: dict[str, Any]
) -> None:
    call(world, AGGREGATOR, PUSH, an_aggregator(AGENTED, **agency))
    assert refusal(world, AGGREGATOR, PUSH, a_party(AGENTED)) == 4301


def test_plt_8_2_a_peer_speaks_for_itself_whoever_claims_to_act_for_it(world: World) -> None:
    call(world, AGGREGATOR, PUSH, an_aggregator(OPERATOR))
    assert refusal(world, AGGREGATOR, PUSH, a_party(OPERATOR)) == 4301


def test_plt_8_2_what_one_aggregator_told_no_other_one_overwrites(world: World) -> None:
    call(world, AGGREGATOR, PUSH, an_aggregator(AGENTED))
    call(world, AGGREGATOR, PUSH, a_party(AGENTED))
    second = replace(an_aggregator(AGENTED), operator_id=OTHER)
    call(world, OTHER, PUSH, second)
    assert refusal(world, OTHER, PUSH, a_party(AGENTED, 2)) == 4301
    assert names(world, OTHER) == [OTHER]


def test_plt_8_2_a_party_sees_itself_only(world: World) -> None:
    for party in (OPERATOR, OTHER):
        call(world, party, PUSH, a_party(party))
    assert names(world, OPERATOR) == [OPERATOR]
    assert found(world, OPERATOR, OTHER) == found(world, OPERATOR, AGENTED) == ()
    assert names(world, DISPATCH) == [OPERATOR, OTHER]


def test_jes_6_5_4b_nobody_else_learns_an_account(world: World) -> None:
    call(world, OPERATOR, PUSH, a_party(account_ref="6222020200112233"))
    assert found(world, OPERATOR)[0].account_ref == "6222020200112233"
    assert found(world, DISPATCH)[0].account_ref == "************2233"
    ((_, told),) = sent(world, PUSH)
    assert isinstance(told, OperatorInfo)
    assert told.account_ref == "************2233"


def test_plt_8_11a_dispatch_learns_the_state_that_was_decided(world: World) -> None:
    call(world, OPERATOR, PUSH, a_party(access_state=AccessState.ACTIVE))
    ((_, told),) = sent(world, PUSH)
    assert isinstance(told, OperatorInfo)
    assert told.access_state is AccessState.APPROVED
    stand(world, OPERATOR, stage=AccessStage.ACTIVE)
    assert found(world, DISPATCH)[0].access_state is AccessState.ACTIVE
    stand(world, OPERATOR, stage=AccessStage.ACTIVE, distrust=next(iter(CUT_OFF)))
    assert found(world, DISPATCH)[0].access_state is AccessState.SUSPENDED


def test_plt_8_11a_the_access_of_an_agented_operator_is_that_of_its_aggregator(
    world: World,
) -> None:
    call(world, AGGREGATOR, PUSH, an_aggregator(AGENTED))
    call(world, AGGREGATOR, PUSH, a_party(AGENTED))
    stand(world, AGGREGATOR, stage=AccessStage.HELD)
    assert found(world, DISPATCH, AGENTED)[0].access_state is AccessState.SUSPENDED


def test_what_the_platform_says_of_itself_is_found(world: World) -> None:
    world.act(DISPATCH, PUSH, a_party(PLATFORM))
    assert found(world, DISPATCH) == (a_party(PLATFORM),)


def test_plt_8_2_a_code_with_a_wrong_check_character_is_refused(world: World) -> None:
    wrong = A_CREDIT_CODE[:-1] + "4"
    assert faults(world, OPERATOR, PUSH, a_party(operator_uscid=wrong)) == ["/OperatorUSCID"]
    call(world, OPERATOR, PUSH, a_party(operator_uscid=A_CREDIT_CODE))


def test_plt_8_2_what_is_wrong_with_agencies_is_told_with_its_path(world: World) -> None:
    twice = an_aggregator(AGENTED, OTHER, AGENTED)
    assert faults(world, AGGREGATOR, PUSH, twice) == ["/AgentOperators/2/OperatorID"]
    empty = AgentOperator(operator_id=OTHER, operator_name="x", agent_from=NOW, agent_to=NOW)
    over = replace(an_aggregator(), agent_operators=(empty,))
    assert faults(world, AGGREGATOR, PUSH, over) == ["/AgentOperators/0/AgentTo"]
    none = replace(an_aggregator(AGENTED), operator_role=OperatorRole.OPERATOR)
    assert faults(world, AGGREGATOR, PUSH, none) == ["/AgentOperators"]
