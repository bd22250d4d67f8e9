"""What fails on the way out, or in the clockwork, is told by class and place alone. F86."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests import trio as scene
from tests.server.canaries import FORMS, MARK, SECRETS, Form, absent, failing, kept, logged
from tests.server.served import DOORS
from tests.trio import OPERATOR, PLATFORM, Trio
from vgigw.codec.example import example
from vgigw.errors import Detail, InvalidObject, PeerUnreachable
from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.objects import AlarmDomain, AlarmObjectKind, CustomerInfo
from vgigw.operations import PUSH_CUSTOMER
from vgigw.ports import Duties, LetterState, Transaction
from vgigw.server.log import LogObserver
from vgigw.server.ticker import Ticker

PERSON = example(CustomerInfo, {"CustomerName": MARK, "ContactPhone": MARK, "OperatorID": OPERATOR})


@pytest.fixture(autouse=True)
def canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link has the secrets that must come out nowhere."""
    monkeypatch.setattr(scene, "secrets_of", lambda _: SECRETS)


def unreachable(*_: object) -> None:
    try:
        failing()
    except Exception as cause:
        raise PeerUnreachable() from cause


def refusing(*_: object) -> None:
    """A peer whose words repeat what it was sent."""
    raise InvalidObject(MARK, (Detail(f"/{MARK}", "type", f"{MARK} is not a name"),))


def told_by(trio: Trio, party: str) -> LogObserver:
    """The observer of ``party``'s outbox writes the log from now on."""
    observer = LogObserver()
    trio.gateways[party]._outbox._ends._observe = observer
    return observer


def force(trio: Trio, point: str, patch: pytest.MonkeyPatch) -> None:
    exchanges = trio.operator._exchanges
    courier = exchanges._couriers[trio.door]
    match point:
        case "seal" | "open":
            patch.setattr(type(courier), point, failing)
        case "sender":
            patch.setattr(trio.net, "exchange", failing)
        case "unreachable":
            patch.setattr(trio.net, "exchange", unreachable)
        case "codec":
            patch.setattr("vgigw.gateway.outbox.BY_NAME", {})
        case "follower":
            followers = {PUSH_CUSTOMER.name: failing}
            patch.setattr(trio.operator._outbox._ends, "_followers", followers)


def ticker_of(trio: Trio) -> Ticker:
    gateway: Any = trio.platform
    return Ticker(gateway, trio.clock)


SUITES = ("tcec102", "gm-mac", "gm", "intl")
POINTS = ("seal", "open", "sender", "unreachable", "codec", "follower")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", DOORS)
def test_f86_a_letter_keeps_and_tells_no_word_of_what_failed(door: str, suite: str) -> None:
    form = FORMS[(len(door) + len(suite)) % len(FORMS)]
    with logged(form) as log:
        trio = Trio(door, suite=suite)
        told_by(trio, OPERATOR)
        for point in POINTS:
            before = log.tell()
            trio.operator.send(PLATFORM, PUSH_CUSTOMER, PERSON, trio.now)
            with pytest.MonkeyPatch.context() as patch:
                force(trio, point, patch)
                trio.operator.deliver(PLATFORM, trio.wait(60))
            assert b"letter.postponed" in log.getvalue()[before:], point
            trio.stores[OPERATOR].write(dropped)
            trio.wait(3600)
        absent(kept(trio.stores[OPERATOR]))
        absent(log.getvalue(), *tokens_of(trio))


def dropped(tx: Transaction) -> None:
    """What failed stays to be looked at, and does not hold up the next."""
    for letter in tx.letters(state=LetterState.WAITING):
        tx.save_letter(replace(letter, state=LetterState.DEAD))


def tokens_of(trio: Trio) -> list[str]:
    return [held for held, _ in trio.operator._exchanges._tokens.values()]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", DOORS)
def test_f86_the_words_of_a_peer_that_refuses_are_not_kept(door: str, suite: str) -> None:
    def wrap(duties: Duties) -> Duties:
        return replace(duties, handlers={**duties.handlers, PUSH_CUSTOMER.name: refusing})

    with logged("json") as log:
        trio = Trio(door, wrap={PLATFORM: wrap}, suite=suite)
        told_by(trio, OPERATOR)
        trio.operator.send(PLATFORM, PUSH_CUSTOMER, PERSON, trio.now)
        trio.operator.deliver(PLATFORM, trio.now)
        sent = [each for each in trio.letters(OPERATOR) if each.operation == PUSH_CUSTOMER.name]
        (letter,) = sent
        assert (letter.state, letter.last_error) == (LetterState.DEAD, "refused 4004")
        assert b"letter.dead" in log.getvalue()
        absent(log.getvalue())
        absent(kept(trio.stores[OPERATOR]))


@pytest.mark.parametrize("form", FORMS)
def test_f86_the_clockwork_tells_a_failed_chore_and_a_failed_store_by_class(form: Form) -> None:
    with logged(form) as log:
        trio = Trio(wrap={PLATFORM: lambda duties: replace(duties, chores=(failing,))})
        ticker = ticker_of(trio)
        works: list[Any] = [lambda: trio.platform.do_chores(trio.now), failing, unreachable]
        for work in works:
            before = log.tell()
            assert not ticker._done(work)
            assert b"clockwork.failed" in log.getvalue()[before:]
        absent(log.getvalue())


def test_f86_an_alarm_that_failed_leaves_nothing_and_tells_nothing() -> None:
    """The alarm, its letter and its trace are one transaction, which fails as a whole."""
    trio = Trio()
    matter = Matter(
        code="HOT",
        domain=AlarmDomain.PERFORMANCE,
        object_kind=AlarmObjectKind.PLATFORM,
        object_id="CPU",
    )

    def work(tx: Transaction) -> None:
        raise_alarm(trio.platform.identity, matter, tx, trio.now)
        failing()

    with logged("json") as log:
        ticker = ticker_of(trio)
        assert not ticker._done(lambda: trio.stores[PLATFORM].write(work) is None)
        assert b"Leaky" in log.getvalue()
        absent(log.getvalue())
    assert kept(trio.stores[PLATFORM]) == ""
