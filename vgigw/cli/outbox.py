"""``vgigw outbox``: outbound messages, where they stand and why. ACC-5.7, PLT-7.6b."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from vgigw.cli.opened import changed, looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.errors import Misconfigured
from vgigw.handlers.dropping import dropped_all
from vgigw.ports import Letter, LetterState, Transaction, View
from vgigw.rules.ranges import Range
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from

_DROPPED_AT_ONCE = 25
"""Own design number: letters of one transaction, so that others have their turn between."""


class LetterReport(msgspec.Struct, frozen=True):
    """One letter without what it carries, which may be personal."""

    id: int
    peer: str
    operation: str
    message_id: str
    lane: str
    state: LetterState
    attempts: int
    created: datetime
    next_attempt: datetime | None
    last_error: str


class DeclaredReport(msgspec.Struct, frozen=True):
    """Numbers of a stream that were declared not to be had, inclusive."""

    stream: str
    seq_from: int
    seq_to: int


class DropReport(msgspec.Struct, frozen=True):
    """A letter that was forgotten, and what was declared to its receiver for it."""

    letter: LetterReport
    declared: tuple[DeclaredReport, ...]


@click.group(invoke_without_command=True)
@config_option
@click.option("--peer", help="Only letters to this operator id.")
@click.option("--state", type=click.Choice([s.value for s in LetterState]), help="Only this state.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True)
@json_option
@click.pass_context
def outbox(
    context: click.Context,
    config: Path,
    peer: str | None,
    state: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the letters of the outbox: waiting, delivered (kept for a while) and dead.

    A dead letter was given up: its peer refused it for good, or failed at it time after time.
    """
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    wanted = None if state is None else LetterState(state)
    letters = looked_up(
        config, lambda view: view.letters(destination=peer, state=wanted, limit=limit)
    )
    _show([report_of(letter) for letter in letters], "letters", as_json)


@outbox.command()
@click.option("--peer", help="Only letters to this operator id.")
@json_option
@click.pass_obj
def dead(config: Path, peer: str | None, as_json: bool) -> None:
    """Show the letters that were given up, and why; `retry` or `drop` deals with them."""
    found = looked_up(config, lambda view: view.letters(destination=peer, state=LetterState.DEAD))
    _show([report_of(letter) for letter in found], "dead letters", as_json)


@outbox.command()
@click.argument("letter_ids", type=int, nargs=-1)
@click.option("--peer", help="All dead letters to this operator id.")
@json_option
@click.pass_obj
def retry(config: Path, letter_ids: tuple[int, ...], peer: str | None, as_json: bool) -> None:
    """Try dead letters again: those of LETTER_IDS, or all to a peer.

    The message keeps its identifier, so that a peer that had taken it after all does it once. Of a
    letter that was erased with a consent nothing is left to send.
    """
    now = datetime.now(UTC)

    def again(tx: Transaction) -> list[Letter]:
        dead = _dead(tx, letter_ids, peer)
        found = [each for each in dead if not each.is_erased]
        if letter_ids and len(found) < len(dead):
            raise Misconfigured("a letter named was erased: see vgigw outbox drop")
        for letter in found:
            waiting = replace(letter, state=LetterState.WAITING, attempts=0, faults=0, next_at=now)
            tx.save_letter(waiting)
        return found

    _tell("tried again", changed(config, again), as_json)


@outbox.command()
@click.argument("letter_ids", type=int, nargs=-1)
@click.option("--peer", help="All dead letters to this operator id.")
@click.confirmation_option(prompt="What they carry is forgotten for good. Go on?")
@json_option
@click.pass_obj
def drop(config: Path, letter_ids: tuple[int, ...], peer: str | None, as_json: bool) -> None:
    """Forget dead letters: those of LETTER_IDS, or all to a peer.

    The records of telemetry stay in our journal. To their receiver they are declared not to be had,
    so that its gap ends with a reason, but for those that another message brought since. A stream
    that was held for them goes on.
    """
    identity, now = identity_from(load(config)), datetime.now(UTC)

    def forget(chosen: list[int], tx: Transaction) -> list[DropReport]:
        several = [letter for each in chosen if (letter := tx.letter(each)) is not None]
        several = [each for each in several if each.state is LetterState.DEAD]
        for letter in several:
            tx.drop_letter(letter.id)
        declared = dropped_all(identity, several, tx, now)
        pairs = zip(several, declared, strict=True)
        return [DropReport(report_of(letter), _declared(each)) for letter, each in pairs]

    chosen = [each.id for each in looked_up(config, lambda view: _dead(view, letter_ids, peer))]
    found = []
    for place in range(0, len(chosen), _DROPPED_AT_ONCE):
        several = sorted(chosen[place : place + _DROPPED_AT_ONCE])
        found += changed(config, partial(forget, several))
    if as_json:
        print_json(found)
        return
    click.echo(f"{len(found)} letters dropped")
    for report in found:
        for each in report.declared:
            numbers = f"{each.seq_from}-{each.seq_to} of {each.stream}"
            click.echo(f"declared to {report.letter.peer} as not to be had: {numbers}")


def _dead(view: View, letter_ids: tuple[int, ...], peer: str | None) -> list[Letter]:
    if bool(letter_ids) is (peer is not None):
        raise click.UsageError("name letters by their id, or a peer with --peer")
    if peer is not None:
        return view.letters(destination=peer, state=LetterState.DEAD)
    found = [view.letter(each) for each in dict.fromkeys(letter_ids)]
    dead = [each for each in found if each is not None and each.state is LetterState.DEAD]
    if len(dead) < len(found):
        raise Misconfigured("not every letter named is dead: see vgigw outbox dead")
    return dead


def _declared(found: list[tuple[str, Range]]) -> tuple[DeclaredReport, ...]:
    return tuple(DeclaredReport(stream, part.first, part.last) for stream, part in found)


def _show(found: list[LetterReport], what: str, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    columns = ("id", "peer", "operation", "message id", "state", "attempts", "next", "last error")
    print_table(f"{len(found)} {what}", columns, [_row(each) for each in found])


def _tell(what: str, letters: list[Letter], as_json: bool) -> None:
    if as_json:
        print_json([report_of(each) for each in letters])
    else:
        click.echo(f"{len(letters)} letters {what}")


def report_of(letter: Letter) -> LetterReport:
    """What may be shown of a letter."""
    return LetterReport(
        id=letter.id,
        peer=letter.destination,
        operation=letter.operation,
        message_id=letter.message_id,
        lane=letter.lane.name.lower(),
        state=letter.state,
        attempts=letter.attempts,
        created=letter.created_at,
        next_attempt=letter.next_at if letter.state is LetterState.WAITING else None,
        last_error=letter.last_error,
    )


def _row(each: LetterReport) -> tuple[str, ...]:
    following = each.next_attempt.isoformat(timespec="seconds") if each.next_attempt else ""
    return (
        str(each.id),
        each.peer,
        each.operation,
        each.message_id,
        each.state.value,
        str(each.attempts),
        following,
        each.last_error,
    )
