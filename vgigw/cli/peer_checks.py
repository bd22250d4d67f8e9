"""The checks of ``vgigw doctor`` on each peer: is it reached, do we agree, how far is its clock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vgigw.cli.access_checks import RELEASE, unapproved_endpoints
from vgigw.cli.findings import Finding, State
from vgigw.errors import (
    OwnFault,
    PeerAnswerInvalid,
    PeerRefused,
    PeerUnreachable,
    VgigwError,
)
from vgigw.gateway.chosen_sets import called
from vgigw.objects import TimeAnswer, TimeQuery, Token, TokenRequest
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import QUERY_TIME, QUERY_TOKEN, Role
from vgigw.ports import Peer
from vgigw.server.assembly import Gateway
from vgigw.server.config import Config
from vgigw.server.identity_from import identity_from
from vgigw.server.named import dialects_of, suites_of
from vgigw.stores.memory import MemoryStore

NOTICEABLE_S = 1.0
"""A clock that is off by more is worth a word; the window of time stamps is the limit."""

_AT_ONCE = 8
_DISAGREE = "compare the secrets, the suite and the door of this peer with its own settings"
_ADVICE = {
    4102: "one of the two clocks is wrong: set it by NTP",
    4303: "a sanction cut the link: explain or appeal, it is released by hand",
    4304: "the access is not approved: apply for it by SubmitAccess",
}


class Offset(NamedTuple):
    """Of two clocks: how far the other is ahead, and how long the exchange took, in seconds."""

    ahead_s: float
    round_trip_s: float


def offset(sent_at: datetime, answer: TimeAnswer, received_at: datetime) -> Offset:
    """The offset of the answerer's clock by its receipt and answer times; half the way each."""
    there = answer.t2 - sent_at
    back = answer.t3 - received_at
    away = (received_at - sent_at) - (answer.t3 - answer.t2)
    return Offset((there + back) / timedelta(seconds=2), away / timedelta(seconds=1))


def peers(config: Config) -> list[Finding]:
    """A finding or two for each peer; they are asked side by side."""
    identity = identity_from(config)
    gateway = Gateway(
        identity,
        MemoryStore(),
        suites=suites_of(config).values(),
        dialects=dialects_of(config),
    )
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            held = unapproved_endpoints(config, identity)
            asked = pool.map(lambda peer: list(_look(gateway, peer, held)), identity.peers.values())
            return [finding for findings in asked for finding in findings]
    finally:
        gateway.close()


def _look(gateway: Gateway, peer: Peer, held: frozenset[str]) -> Iterator[Finding]:
    if peer.operator_id in held:
        # To ask it for a token would show it a secret.
        what = "its endpoint is not approved: it is not asked, and its letters wait"
        return iter([Finding(State.WARN, f"peer {peer.operator_id}", what, RELEASE)])
    return _ask(gateway, peer)


def _ask(gateway: Gateway, peer: Peer) -> Iterator[Finding]:
    check = f"peer {peer.operator_id}"
    if not peer.paths:
        yield Finding(State.OK, check, "no paths; it calls us, we never call it")
        return
    try:
        if peer.role is Role.PLATFORM:
            yield _compare_clocks(gateway, peer, check)
        else:
            yield _ask_token(gateway, peer, check)
    except PeerUnreachable:
        advice = "check its address and the way to it; letters wait until it is reached"
        yield Finding(State.WARN, check, f"not reached at {', '.join(peer.paths)}", advice)
    except PeerAnswerInvalid:
        yield Finding(State.FAIL, check, "its answer is not genuine", _DISAGREE)
    except PeerRefused as refused:
        yield Finding(State.FAIL, check, f"refused us with code {refused.code}", _advice(refused))
    except (OwnFault, VgigwError) as fault:
        yield Finding(State.FAIL, check, fault.message, "correct the settings of this peer")


def _advice(refused: PeerRefused) -> str:
    return _ADVICE.get(refused.code, _DISAGREE)


def _ask_token(gateway: Gateway, peer: Peer, check: str) -> Finding:
    if peer.outbound is None:
        return Finding(State.FAIL, check, "no outbound secrets", "write them")
    now = datetime.now(UTC)
    request = TokenRequest(
        operator_id=gateway.identity.operator_id,
        operator_secret=called(peer, now).issued.operator_secret.decode(),
    )
    answer = gateway.call(peer.operator_id, QUERY_TOKEN, request, now)
    if isinstance(answer, Token) and answer.succ_stat is Success.OK:
        return Finding(State.OK, check, f"gave a token over {peer.door}")
    return Finding(State.FAIL, check, "reached, but gives us no token", _DISAGREE)


def _compare_clocks(gateway: Gateway, peer: Peer, check: str) -> Finding:
    # Asked once before, for the token: fetching it would count as the way.
    gateway.call(peer.operator_id, QUERY_TIME, TimeQuery(t1=_now()), _now())
    sent_at = _now()
    answer = gateway.call(peer.operator_id, QUERY_TIME, TimeQuery(t1=sent_at), sent_at)
    received_at = _now()
    if not isinstance(answer, TimeAnswer):
        return Finding(State.FAIL, check, "its answer holds no time", _DISAGREE)
    off = offset(sent_at, answer, received_at)
    found = f"its clock is {off.ahead_s:+.3f} s off, {off.round_trip_s:.3f} s away"
    if abs(off.ahead_s) > gateway.identity.window_s:
        return Finding(State.FAIL, check, found, "set both clocks by NTP")
    if abs(off.ahead_s) > NOTICEABLE_S:
        return Finding(State.WARN, check, found, "set both clocks by NTP")
    return Finding(State.OK, check, found)


def _now() -> datetime:
    """Now, in the whole milliseconds that an instant on the wire has."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
