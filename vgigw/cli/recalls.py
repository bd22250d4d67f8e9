"""``vgigw recalls``: jobs that peers recalled, and recalls of our own. PLT-7.6d, PLT-7.9d."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from vgigw.cli.opened import changed, gateway_of, looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.codec import json
from vgigw.errors import IllegalState, Misconfigured
from vgigw.handlers.asked_recalls import AskedRecall, asked_recalls
from vgigw.handlers.recall_plan import (
    PLAN,
    RecallPlan,
    cancelled,
    job_of,
    plan_of,
    plans_of,
    resumed,
)
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.operations import RECALL_DATA
from vgigw.ports import Transaction, View
from vgigw.rules.recall import check_recall


class RecallReport(msgspec.Struct, frozen=True, kw_only=True):
    """One recall: ``served`` to a peer out of our journal, or ``asked`` of one; counts in records.

    Of one that was asked, ``sent`` and ``acked`` are the peer's to know.
    """

    kind: str
    peer: str
    recall_id: str
    job_id: str
    wanted: str
    state: str
    total: int
    sent: int | None
    acked: int | None
    missing: int
    since: datetime
    error: str = ""


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def recalls(context: click.Context, config: Path, as_json: bool) -> None:
    """Show recalls: jobs that peers had us begin, and recalls that were begun here.

    Every command runs beside a server, which takes up at once what was changed.
    """
    context.obj = config
    if context.invoked_subcommand is None:
        _show(looked_up(config, reports_of), as_json)


@recalls.command("list")
@json_option
@click.pass_obj
def list_(config: Path, as_json: bool) -> None:
    """The same as no command: every recall, oldest first."""
    _show(looked_up(config, reports_of), as_json)


@recalls.command()
@click.argument("peer")
@click.option("--stream", help="Of this stream.")
@click.option("--from", "seq_from", type=int, help="First sequence number.")
@click.option("--to", "seq_to", type=int, help="Last sequence number, inclusive.")
@click.option("--time-from", type=str, help="From this time (ISO 8601), inclusive.")
@click.option("--time-to", type=str, help="To this time, exclusive.")
@click.option("--object", "object_ids", multiple=True, help="Only this object; may be repeated.")
@click.option("--rate", type=click.IntRange(1), help="At most so many messages a second.")
@json_option
@click.pass_obj
def start(
    config: Path,
    peer: str,
    stream: str | None,
    seq_from: int | None,
    seq_to: int | None,
    time_from: str | None,
    time_to: str | None,
    object_ids: tuple[str, ...],
    rate: int | None,
    as_json: bool,
) -> None:
    """Recall from PEER, by numbers of a stream or by time; by the outbox."""
    now = datetime.now(UTC)
    with gateway_of(config) as gateway:
        known = gateway.identity.peers.get(peer)
        if known is None or known.role not in RECALL_DATA.receivers(gateway.identity.role):
            raise Misconfigured(f"{peer} is no peer that may be recalled from")
        given = {
            "RecallID": f"M{secrets.token_hex(12)}",
            "RequesterID": gateway.identity.operator_id,
            "StreamID": stream,
            "SeqFrom": seq_from,
            "SeqTo": seq_to,
            "TimeFrom": time_from,
            "TimeTo": time_to,
            "ObjectIDs": list(object_ids),
            "Cause": int(RecallCause.MANUAL),
            "RateLimit": rate,
        }
        told = {name: value for name, value in given.items() if value not in (None, [])}
        request = json.decode(RecallRequest, msgspec.json.encode(told))
        check_recall(request, now)
        gateway.send(peer, RECALL_DATA, request, now)
        found = gateway.store.read(reports_of)
    _show([each for each in found if each.recall_id == request.recall_id], as_json)


@recalls.command()
@click.argument("job_id")
@json_option
@click.pass_obj
def cancel(config: Path, job_id: str, as_json: bool) -> None:
    """Stop the job JOB_ID at once; what it has not sent yet waits until it is resumed."""
    _change(config, job_id, as_json, lambda plan: plan.runs, cancelled)


@recalls.command()
@click.argument("job_id")
@json_option
@click.pass_obj
def resume(config: Path, job_id: str, as_json: bool) -> None:
    """Let the job JOB_ID, that was cancelled, go on where it stood."""
    _change(config, job_id, as_json, lambda plan: plan.state is JobState.CANCELLED, resumed)


def reports_of(view: View) -> list[RecallReport]:
    """Every recall of a store, oldest first."""
    found = [_served(plan, view) for plan in plans_of(view)]
    found += [_asked(each) for each in asked_recalls(view)]
    return sorted(found, key=lambda each: (each.since, each.recall_id))


def _change(
    config: Path,
    job_id: str,
    as_json: bool,
    may: Callable[[RecallPlan], bool],
    step: Callable[[RecallPlan, Transaction, datetime], RecallPlan],
) -> None:
    def work(tx: Transaction) -> RecallReport:
        found = tx.documents(PLAN, key=job_id)
        if not found:
            raise Misconfigured(f"no job {job_id} is served here: see vgigw recalls")
        plan = plan_of(found[0])
        if not may(plan):
            raise IllegalState(f"job {job_id} is {plan.state.name.lower()}")
        return _served(step(plan, tx, datetime.now(UTC)), tx)

    _show([changed(config, work)], as_json)


def _served(plan: RecallPlan, view: View) -> RecallReport:
    job = job_of(plan, view)
    return RecallReport(
        kind="served",
        peer=plan.requester,
        recall_id=plan.request.recall_id,
        job_id=plan.job_id,
        wanted=_wanted(plan.request),
        state=plan.state.name.lower(),
        total=job.progress.total,
        sent=job.progress.sent,
        acked=job.progress.acked,
        missing=job.progress.missing,
        since=plan.asked_at,
    )


def _asked(each: AskedRecall) -> RecallReport:
    state = "refused" if each.error else "answered" if each.job_id else "waiting"
    return RecallReport(
        kind="asked",
        peer=each.peer,
        recall_id=each.request.recall_id,
        job_id=each.job_id,
        wanted=_wanted(each.request),
        state=state,
        total=each.count,
        sent=None,
        acked=None,
        missing=sum(gone.seq_to - gone.seq_from + 1 for gone in each.unavailable),
        since=each.asked_at,
        error=each.error,
    )


def _wanted(request: RecallRequest) -> str:
    parts = [request.stream_id or "every stream"]
    if request.seq_from is not None:
        parts.append(f"{request.seq_from}-{request.seq_to}")
    if request.time_from is not None and request.time_to is not None:
        parts.append(f"{request.time_from.isoformat()}/{request.time_to.isoformat()}")
    return " ".join([*parts, *request.object_ids])


def _show(found: list[RecallReport], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    columns = ("kind", "peer", "recall", "job", "wanted", "state", "sent", "acked", "missing")
    print_table(f"{len(found)} recalls", columns, [_row(each) for each in found])


def _row(each: RecallReport) -> tuple[str, ...]:
    sent = "" if each.sent is None else f"{each.sent}/{each.total}"
    acked = "" if each.acked is None else str(each.acked)
    state = f"{each.state} {each.error}".strip()
    missing = str(each.missing)
    return (
        each.kind,
        each.peer,
        each.recall_id,
        each.job_id,
        each.wanted,
        state,
        sent,
        acked,
        missing,
    )
