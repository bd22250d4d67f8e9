"""Ending a hold by hand, by two persons of whoever runs the platform. PLT-8.7b, PLT-8.11b.

Who cannot apply again, as one that speaks T/CEC 102 alone or signs nothing, would stay held.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from vgigw.errors import Detail, IllegalState, InvalidObject
from vgigw.handlers.access import APPLICATIONS
from vgigw.handlers.alarm_raising import clear_alarm
from vgigw.handlers.audit import Audit, Entry
from vgigw.handlers.endpoints import approve
from vgigw.handlers.network_changes import matter
from vgigw.handlers.standing import Standing, save_standing, standing_of
from vgigw.objects import ApplicationState
from vgigw.ports import Identity, Transaction, View
from vgigw.rules.access import ACCESS, AccessEvent
from vgigw.rules.distrust import PERSONS_NEEDED, Distrust
from vgigw.rules.network_change import Change
from vgigw.rules.persons import persons_of

RELEASE: Final = "ReleaseAccess"
"""The act in the audit."""


class Released(msgspec.Struct, frozen=True):
    """What the release of ``peer`` did: by whom, and which alarms are over."""

    peer: str
    by: tuple[str, ...]
    alarms: tuple[str, ...]


def release_access(
    identity: Identity, party: str, names: Iterable[str], tx: Transaction, now: datetime
) -> Released:
    """End the hold of ``party``: its alarms are over, and its endpoint in the configuration is the
    approved one. What changed otherwise is approved by the configuration or not at all.

    Raises ``InvalidObject`` for fewer than two different persons, and ``IllegalState`` for a party
    that is not held, or whose way back is a decision on an application.
    """
    persons = persons_of(names)
    if len(persons) < PERSONS_NEEDED:
        words = f"a release needs {PERSONS_NEEDED} different persons; PLT-8.7b"
        raise InvalidObject(words, details=(Detail("/By", "rule", words),))
    before = standing_of(tx, identity, party)
    _check(identity, before, tx)
    stage = ACCESS.advance(before.stage, AccessEvent.RELEASE)
    save_standing(msgspec.structs.replace(before, stage=stage), tx, now)
    approve(identity, party, tx, now)
    over = [each for each in Change if clear_alarm(identity, matter(party, each), tx, now)]
    audit = Audit(identity)
    for name in persons:
        audit.note(Entry(name[:64], identity.role.value, RELEASE, party, 0), tx, now)
    return Released(party, persons, tuple(each.value for each in over))


def _check(identity: Identity, standing: Standing, view: View) -> None:
    """A release takes the place of no approval: neither of the first one, nor after a refusal or
    a removal. PLT-8.11a."""
    party = standing.party_id
    if standing.distrust is Distrust.REMOVED:
        raise IllegalState(f"{party} was removed: only a new access leads back")
    last = APPLICATIONS.find(view, party, standing.application_id)
    peer = identity.peers.get(party)
    if last is None and peer is not None and not peer.approved:
        raise IllegalState(f"{party} was never approved: it has to apply, by SubmitAccess")
    if last is not None and last.state is not ApplicationState.APPROVED:
        what = f"application {last.application_id} is {last.state.name}"
        raise IllegalState(f"{party}: {what}: only a decision on it, or a new one, leads back")
