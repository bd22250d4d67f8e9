"""Tokens: given to one peer, alive to their own end, kept as digests only. ACC-5.7."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.stores.fresh import store_at
from tests.trio import BASES, OPERATOR, OTHER, PLATFORM, Trio, batch, ret_of, secrets_of
from vgigw.envelope.wire import Transport
from vgigw.errors import NoToken, PeerRefused
from vgigw.objects import Token, TokenRequest
from vgigw.objects.operating_enumerations import Success, TokenFailReason
from vgigw.operations import QUERY_TOKEN, UPLOAD_TELEMETRY

LIFE_S = 7200


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def use(trio: Trio, token: str, first: int = 1) -> int:
    return ret_of(trio.give(trio.sealed(UPLOAD_TELEMETRY, batch(first, first), token)))


def ask(trio: Trio, operator_id: str, secret: str) -> Token:
    request = TokenRequest(operator_id=operator_id, operator_secret=secret)
    given: Token = trio.call(OPERATOR, QUERY_TOKEN, request)
    return given


def test_acc_5_7_a_new_token_leaves_the_older_alive_until_its_own_end(trio: Trio) -> None:
    older = trio.token()
    trio.wait(100)
    newer = trio.token()
    assert older != newer
    assert (use(trio, older, 1), use(trio, newer, 2)) == (0, 0)
    trio.wait(LIFE_S - 101)
    assert use(trio, older, 3) == 0
    trio.wait(2)
    assert (use(trio, older, 4), use(trio, newer, 4)) == (4002, 0)


@pytest.mark.parametrize("gone_s", [1, 1000])
def test_acc_5_7_a_token_that_ended_is_refused_though_it_was_in_use_until_then(
    trio: Trio, gone_s: int
) -> None:
    token = trio.token()
    trio.wait(LIFE_S - 1)
    assert use(trio, token) == 0
    trio.wait(1 + gone_s)
    assert use(trio, token, 2) == 4002


def test_acc_5_7_a_token_of_another_peer_is_refused_even_when_it_is_well_known(trio: Trio) -> None:
    """The one that is checked first is remembered for a moment, for its owner only."""
    foreign = trio.token(OTHER)
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 1), foreign, party=OTHER)
    assert ret_of(trio.give(wire)) == 0
    assert use(trio, foreign) == 4002


def test_acc_5_7_a_restart_keeps_the_tokens(trio: Trio) -> None:
    token = trio.token()
    trio.restart(PLATFORM)
    assert use(trio, token) == 0


def test_acc_5_7_a_wrong_secret_gives_succ_stat_1_and_reason_2(trio: Trio) -> None:
    given = ask(trio, OPERATOR, "wrong-secret")
    assert given.succ_stat is Success.FAILED
    assert given.fail_reason is TokenFailReason.WRONG_SECRET
    assert TokenFailReason(2) is TokenFailReason.WRONG_SECRET
    assert given.access_token is None
    assert given.token_available_time == 0


@pytest.mark.parametrize("whose", [OPERATOR, OTHER])
def test_acc_5_7_nobody_gets_a_token_for_somebody_else(trio: Trio, whose: str) -> None:
    """Neither with his own secret nor with the other's."""
    given = ask(trio, OTHER, secrets_of(whose).operator_secret.decode())
    assert given.succ_stat is Success.FAILED
    assert given.fail_reason is TokenFailReason.NO_SUCH_OPERATOR
    assert given.access_token is None


def test_acc_5_7_a_token_is_new_each_time_and_long(trio: Trio) -> None:
    tokens = {trio.token() for _ in range(5)}
    assert len(tokens) == 5
    assert min(map(len, tokens)) >= 43


def test_acc_5_7_an_exact_repeat_gets_another_token_and_no_kept_one(trio: Trio) -> None:
    """No answer with a secret is kept to be given again. Over its window the repeat is stale."""
    secret = secrets_of(OPERATOR).operator_secret.decode()
    request = TokenRequest(operator_id=OPERATOR, operator_secret=secret)
    courier = trio.operator._exchanges._couriers[trio.door]
    peer = trio.operator.identity.peers[PLATFORM]
    base = f"loop://{PLATFORM}/{BASES[trio.door]}"
    wire, sent = courier.seal(peer, base, QUERY_TOKEN, request, None, trio.now)
    path = f"/{BASES[trio.door]}{wire.path}"
    wire = replace(wire, path=path, transport=Transport.LOOPBACK, source="127.0.0.1")
    replies: list[Any] = [courier.open(peer, QUERY_TOKEN, sent, trio.give(wire)) for _ in range(2)]
    given = [each.access_token for each in replies]
    assert given[0] != given[1]
    assert [use(trio, token, first) for first, token in enumerate(given, 1)] == [0, 0]
    trio.wait(2 * trio.platform.identity.window_s)
    assert ret_of(trio.give(wire)) == 4102


@pytest.mark.own_store("reads every byte of the file")
def test_acc_5_7_the_store_holds_the_digest_and_never_the_token(tmp_path: Path) -> None:
    store = store_at(tmp_path / "a.sqlite3")
    trio = Trio(stores={PLATFORM: store})
    token = trio.token()
    assert use(trio, token) == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    store.close()
    kept += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"token" in kept  # the table is there
    assert token.encode() not in kept
    assert secrets_of(OPERATOR).operator_secret not in kept


def test_a_caller_whose_token_is_refused_fetches_a_new_one_once_and_goes_on(trio: Trio) -> None:
    """The platform lost its tokens: the caller notices by 4002."""
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    before = len(trio.net.exchanged)
    trio.stores[PLATFORM].write(lambda tx: tx.purge(trio.now.replace(year=2100), trio.now))
    trio.restart(PLATFORM)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(2, 2))
    assert [ret_of(answer) for _, answer in trio.net.exchanged[before:]] == [4002, 0, 0]
    assert sorted(trio.records()) == [1, 2]


def test_a_caller_whose_new_token_is_refused_too_gives_up(trio: Trio) -> None:
    """No endless asking: one new token, one more attempt, then the refusal."""
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    before = len(trio.net.exchanged)

    class Forgetful:
        def check(self, *_: object) -> None:
            raise NoToken()

    trio.platform._inbound._tokens = Forgetful()  # type: ignore[assignment]
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(2, 2))
    assert refused.value.code == 4002
    assert [ret_of(answer) for _, answer in trio.net.exchanged[before:]] == [4002, 0, 4002]


def test_a_caller_renews_its_token_before_it_ends(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    trio.wait(LIFE_S - 30)
    before = len(trio.net.exchanged)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(2, 2))
    assert [ret_of(answer) for _, answer in trio.net.exchanged[before:]] == [0, 0]
