"""Evaluations and quality reports, of whom the asker may see. PLT-6.5, PLT-6.8a."""

from __future__ import annotations

from vgigw.errors import Detail, InvalidObject, NotAllowed, UnknownObject
from vgigw.handlers.marks import handles
from vgigw.handlers.routes import SOUTH
from vgigw.handlers.traded_resource import resources_under
from vgigw.objects import EvaluationQuery, EvaluationReport, OperatorInfo
from vgigw.objects.evaluation import SubjectKind
from vgigw.operations import QUERY_EVALUATION
from vgigw.ports import Call, Functions, Identity, View


class Evaluation:
    """Handlers of evaluation; ``functions.evaluate`` computes."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._functions = functions

    @handles(QUERY_EVALUATION)
    def query(self, call: Call, tx: View) -> EvaluationReport:
        """A southern party sees itself and its resources: any other party is 4301 to it, known or
        not, and a foreign resource does not exist. A northern one sees whoever is known."""
        query: EvaluationQuery = call.request
        if query.period_end <= query.period_start:
            words = "must be later than PeriodStart; PLT-6.5"
            raise InvalidObject(details=(Detail("/PeriodEnd", "rule", words),))
        if query.subject_kind is SubjectKind.RESOURCE:
            owner = self._owner_of_resource(call, tx)
        else:
            owner = self._party(call, tx)
        return self._functions.evaluate(query, owner, tx, call.now)

    def _owner_of_resource(self, call: Call, view: View) -> str:
        owners = [each.owner for each in resources_under(view, call.request.subject_id)]
        if call.peer.role in SOUTH:
            owners = [owner for owner in owners if owner == call.peer.operator_id]
        if not owners:
            detail = Detail("/SubjectID", "rule", "is no resource that can be reached; PLT-4.3")
            raise UnknownObject("no such resource", details=(detail,))
        return owners[0]

    def _party(self, call: Call, view: View) -> str:
        party: str = call.request.subject_id
        if call.peer.role in SOUTH:
            if party != call.peer.operator_id:
                raise NotAllowed("another party is not shown")
            return party
        peer = self._identity.peers.get(party)
        known = peer is not None and peer.role in SOUTH
        if not known and not view.count_documents(OperatorInfo.__name__, key=party):
            raise UnknownObject("no such party")
        return party
