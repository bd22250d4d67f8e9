"""The duties of each role, put together of the marks on the ready-made handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from vgigw.codec.dialect_files import Dialects
from vgigw.handlers.access import Access
from vgigw.handlers.alarms import Alarms
from vgigw.handlers.anonymising import Anonymising, is_held
from vgigw.handlers.answers import Answers
from vgigw.handlers.archive import Archive
from vgigw.handlers.asked_recalls import AskedRecalls
from vgigw.handlers.assessments import Assessments
from vgigw.handlers.assets import Assets
from vgigw.handlers.audit import Audit
from vgigw.handlers.backlog import Folding
from vgigw.handlers.backlog_feeding import Backlogs
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.cancel import Cancel
from vgigw.handlers.capability import Capability
from vgigw.handlers.charge_results import ChargeResults
from vgigw.handlers.charging import ADVICE, Charging
from vgigw.handlers.clearing import Clearing
from vgigw.handlers.collect import Collect
from vgigw.handlers.consents import Consents
from vgigw.handlers.customers import Customers
from vgigw.handlers.dead_letters import DeadLetters
from vgigw.handlers.declarations import Declarations
from vgigw.handlers.devices import LoadDevices
from vgigw.handlers.draining import Draining
from vgigw.handlers.edge import Edge
from vgigw.handlers.endpoints import Endpoints, is_unapproved
from vgigw.handlers.energy_statements import Energy
from vgigw.handlers.evaluation import Evaluation
from vgigw.handlers.files import Files
from vgigw.handlers.gaps import Gaps
from vgigw.handlers.gate import admit, admit_known
from vgigw.handlers.grid import Grid
from vgigw.handlers.grid_trace import GridTracing
from vgigw.handlers.heights import Heights
from vgigw.handlers.income import Income
from vgigw.handlers.keys import Keys
from vgigw.handlers.ledger import Ledger
from vgigw.handlers.link import Link
from vgigw.handlers.links import Links
from vgigw.handlers.maintenance import Maintenance
from vgigw.handlers.marks import AUTHORS, HANDLES, chores, followers, marked
from vgigw.handlers.network_changes import NetworkChanges
from vgigw.handlers.notices import Notices
from vgigw.handlers.operators import Operators
from vgigw.handlers.orders import Orders
from vgigw.handlers.outages import Outages
from vgigw.handlers.plans import Plans
from vgigw.handlers.poison import Poison
from vgigw.handlers.recall import Recall
from vgigw.handlers.recall_forgetting import EndedRecalls
from vgigw.handlers.receipts import Receipts
from vgigw.handlers.reconciliation import Reconciliation
from vgigw.handlers.relay import Relay
from vgigw.handlers.resources import Resources
from vgigw.handlers.response_events import ResponseEvents
from vgigw.handlers.sanctions import Sanctions
from vgigw.handlers.schemes import Schemes
from vgigw.handlers.sessions import Sessions
from vgigw.handlers.settlements import Settlements
from vgigw.handlers.statistics import Statistics
from vgigw.handlers.taking import Taking
from vgigw.handlers.tracing import Tracing
from vgigw.handlers.untrusted import UntrustedPeers
from vgigw.handlers.vehicles import Vehicles
from vgigw.handlers.watch import Watch
from vgigw.handlers.withdrawn import without_withdrawn
from vgigw.operations import OPERATIONS, Role
from vgigw.ports import Duties, Functions, Identity

UNFILLED = Functions()


def builtin(
    identity: Identity,
    own: Iterable[Callable[..., object]] = (),
    functions: Functions = UNFILLED,
    dialects: Dialects | None = None,
) -> Duties:
    """The built-in duties of ``identity``'s role; handlers in ``own`` take the place of ours.

    ``functions`` are what a platform decides; one that is not filled refuses. ``dialects`` are
    those that peers may name, else those shipped.
    """
    desks = desks_of(identity, functions, dialects)
    role = identity.role
    watch = next(each for each in desks if isinstance(each, Watch))
    unapproved = partial(is_unapproved, identity)
    served = {row.name for row in OPERATIONS if any(role in d.callees for d in row.directions)}
    handlers = {name: handler for name, handler in marked(desks, HANDLES).items() if name in served}
    taken = marked(own, HANDLES)
    refusing = marked([each for each in desks if isinstance(each, Charging)], HANDLES)
    return Duties(
        handlers=handlers | taken,
        authors=marked(desks, AUTHORS),
        admit=partial(admit if role is Role.PLATFORM else admit_known, note=watch.changes.note),
        sees_changes=True,
        screen=without_withdrawn,
        hold=lambda letter, view: is_held(letter, view) or unapproved(letter.destination, view),
        waits_behind=next((each.holds for each in desks if isinstance(each, Poison)), None),
        witness=next((each.witness for each in desks if isinstance(each, Audit)), None),
        holds_endpoint=unapproved if role is Role.PLATFORM else None,
        tracer=next((each for each in desks if isinstance(each, Tracing)), None),
        followers=followers(desks),
        chores=chores(desks),
        watch=watch,
        heights=next((each for each in desks if isinstance(each, Heights)), None),
        bulk=next((each for each in desks if isinstance(each, Backlogs)), None),
        advice=dict.fromkeys(refusing.keys() & handlers.keys() - taken.keys(), ADVICE),
    )


def desks_of(
    identity: Identity, functions: Functions, dialects: Dialects | None = None
) -> tuple[object, ...]:
    """Every ready-made handler; what one does is marked on its methods."""
    return (
        Link(identity, dialects),
        Archive(identity),
        Collect(identity),
        Gaps(identity),
        Heights(identity),
        Relay(identity, functions),
        Answers(identity),
        Cancel(identity),
        Capability(identity),
        Plans(identity, functions),
        ResponseEvents(identity),
        Edge(identity),
        *_of_what_waited(identity),
        AskedRecalls(),
        Keys(identity),
        Schemes(identity),
        Files(identity),
        Audit(identity),
        Assets(identity),
        Tracing(identity),
        Links(identity),
        Notices(identity),
        Alarms(identity),
        Receipts(identity),
        DeadLetters(identity),
        UntrustedPeers(identity),
        *_of_changes(identity),
        Maintenance(identity),
        Access(identity),
        Sanctions(identity),
        Outages(identity),
        Declarations(identity, functions),
        Clearing(identity),
        Assessments(identity),
        Energy(identity, functions),
        Settlements(identity),
        Reconciliation(identity),
        Income(),
        Evaluation(identity, functions),
        Customers(identity),
        LoadDevices(identity),
        Operators(identity),
        Resources(identity),
        Ledger(identity),
        Sessions(identity),
        Orders(identity),
        ChargeResults(identity),
        Charging(identity),
        Statistics(identity, functions),
        Grid(identity),
        GridTracing(identity),
        Vehicles(identity),
        Consents(identity),
        Anonymising(),
    )


def _of_changes(identity: Identity) -> tuple[object, ...]:
    changes = NetworkChanges(identity)
    return Watch(identity, changes), Endpoints(identity, changes)


def _of_what_waited(identity: Identity) -> tuple[object, ...]:
    sizes, taking = BulkSizes(), Taking()
    return (
        Recall(identity, sizes),
        EndedRecalls(),
        Folding(identity),
        Backlogs(identity, sizes, taking),
        Draining(identity, sizes),
        Poison(identity, taking),
    )
