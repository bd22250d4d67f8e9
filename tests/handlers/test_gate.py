"""The gate of every operation: what a held party and what one that is cut off may still call.

PLT-8.7b, PLT-8.11: deny by default; what is open is named here once more, by hand.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases import WALKED, cases
from tests.cases.applied import a_sanction
from tests.cases.worlds import PLATFORM, ROLES, World
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.handlers.routes import SOUTH
from vgigw.handlers.standing import Standing, hold_access, save_standing
from vgigw.objects import InformationObject, SanctionKind
from vgigw.operations import Operation
from vgigw.rules.access import SHUT
from vgigw.rules.distrust import CUT_OFF, Distrust

ONE = settings(
    max_examples=1,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
BACK = {
    "QueryToken",
    "Heartbeat",
    "SubmitAccess",
    "SubmitAppeal",
    "SubmitOutageExplanation",
    "WithdrawConsent",
}
BESIDE = {
    "PushAlarm",
    "ClearAlarm",
    "ConfirmNotice",
    "NotifyKeyChange",
    "QueryServices",
    "QueryTime",
}
FROM_THE_SOUTH = [
    row for row in WALKED if any(row.may_call(role, ROLES[PLATFORM]) for role in SOUTH)
]


def shut(world: World, party: str, *, held: bool) -> None:
    """Hold the access of ``party``, or cut it off by a sanction."""
    if held:
        identity, now = world.served.identity, world.clock.now()
        world.served.store.write(lambda tx: hold_access(identity, party, tx, now))
        return
    for kind in (SanctionKind.NOTICE, SanctionKind.DISCONNECT):
        world.act(party, ops.NOTIFY_SANCTION, replace(a_sanction(kind), party_id=party))


def code_of(world: World, party: str, operation: Operation, request: InformationObject) -> int:
    """The code of a refusal, which leaves nothing behind; 0 where it is accepted."""
    kept = world.kept()
    try:
        world.call("rest", party, operation, request)
    except PeerRefused as refused:
        assert world.kept() == kept
        return refused.code
    return 0


@pytest.mark.parametrize("operation", FROM_THE_SOUTH, ids=lambda row: row.name)
@pytest.mark.parametrize("held", [True, False], ids=["held", "cut off"])
@ONE
@given(data=st.data())
def test_plt_8_11_and_8_7b_only_what_leads_back_is_open(
    operation: Operation, held: bool, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    world, replies = case.prepared("rest")
    request = case.last.asked(replies)
    own = case.served == PLATFORM and ROLES[case.last.party] in SOUTH
    allowed = (each for each, role in ROLES.items() if role in SOUTH)
    sender = next(each for each in allowed if operation.may_call(ROLES[each], ROLES[PLATFORM]))
    if own:
        sender = case.last.party
    elif case.served != PLATFORM:
        world = World()
    shut(world, sender, held=held)

    code = code_of(world, sender, operation, request)
    if operation.name not in (BACK if held else BACK | BESIDE):
        assert code == (4304 if held else 4303)
    elif own:
        assert code == 0
    else:
        assert code not in (4303, 4304)


@pytest.mark.parametrize("stage", sorted(SHUT))
@pytest.mark.parametrize("distrust", sorted(CUT_OFF))
def test_plt_8_11_not_approved_goes_before_suspended(stage: str, distrust: Distrust) -> None:
    world = World()
    party = "123456789"
    found = Standing(party_id=party, stage=next(s for s in SHUT if s == stage), distrust=distrust)
    world.served.store.write(lambda tx: save_standing(found, tx, world.clock.now()))
    with pytest.raises(PeerRefused) as refused:
        world.call("rest", party, ops.QUERY_SERVICES, ops.QUERY_SERVICES.request())
    assert refused.value.code == 4304
