"""The run: keys exchanged by hand, traffic, a rotation of all four keys, a revocation."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from vgigw.operations import Role
from vgigw.testing.demo.stored import look
from vgigw.testing.key_rotation.party import Party
from vgigw.testing.key_rotation.traffic import Caller

PLATFORM, OPERATOR = "100000001", "123456789"
REVOKED_WITHIN_S: Final = 60.0
"""F83."""
_BEFORE_ROTATION_S: Final = 1.0
_AFTER_SWITCH: Final = timedelta(seconds=2)
_QUIET_S: Final = 3.0
_POLL_S: Final = 0.1
_SIGNING_KEYS: Final = 2
"""Of each side in turn: the one before the rotation and the one after it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``seconds`` of traffic at least; it goes on until each new key has been in use for 2 s."""

    seconds: float
    suite: str
    overlap_s: int
    at_once: bool = False


class Report(msgspec.Struct, kw_only=True):
    """What was counted. Durations in seconds."""

    suite: str
    sent: dict[str, int] = {}
    """By side and door."""
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    applied_twice: int = 0
    signed_by: dict[str, dict[str, int]] = {}
    keys_before: dict[str, dict[str, str]] = {}
    keys_after: dict[str, dict[str, str]] = {}
    traffic_s: float = 0.0
    revoke_command_s: float | None = None
    """How long the command took."""
    accepted_after_revocation_s: float | None = None
    """From the start of the command to the last acknowledgement of what the key signed."""
    refused_after_revocation: int = 0
    refusals: dict[str, int] = {}

    @property
    def passed(self) -> bool:
        """Whether nothing is off; each new key signed, and the revocation was in force in time."""
        last_s = self.accepted_after_revocation_s
        return (
            min(self.sent.values(), default=0) > 0
            and not (self.refused or self.lost or self.applied_twice)
            and all(len(by) == _SIGNING_KEYS for by in self.signed_by.values())
            and last_s is not None
            and last_s < REVOKED_WITHIN_S
            and self.refused_after_revocation > 0
        )


class Run:
    """One run of ``settings``; leaves neither a process nor a file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._report = Report(suite=settings.suite)

    def carry_out(self) -> Report:
        """Raises ``CommandFailed`` and ``GatewayDied``."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="vgigw-rotation-")))
            self._set_up(folder, stack)
            self._rotate_under_load()
            self._count()
            if not self._settings.at_once:
                self._revoke()
        return self._report

    def _set_up(self, folder: Path, stack: ExitStack) -> None:
        suite = self._settings.suite
        self._platform = Party(folder, PLATFORM, Role.PLATFORM, suite)
        self._operator = Party(folder, OPERATOR, Role.OPERATOR, suite)
        self._parties = (self._platform, self._operator)
        self._configs = {
            OPERATOR: self._operator.configure(self._platform),
            PLATFORM: self._platform.configure(self._operator),
        }
        self._each(lambda party: party.make_keys(self._peer_of(party)))
        self._each(lambda party: party.take_keys(self._peer_of(party)))
        for party in self._parties:
            stack.callback(party.process.close)
        self._each(lambda party: party.process.start())
        self._report.keys_before = self._states()
        self._callers = {
            party.operator_id: [
                stack.enter_context(closing(self._caller(party, door)))
                for door in self._configs[party.operator_id]
            ]
            for party in self._parties
        }

    def _caller(self, party: Party, door: str) -> Caller:
        config = self._configs[party.operator_id][door]
        return Caller(config, party.role, self._peer_of(party).operator_id, door)

    def _rotate_under_load(self) -> None:
        began_s = time.monotonic()
        callers = [each for some in self._callers.values() for each in some]
        for caller in callers:
            caller.start()
        time.sleep(_BEFORE_ROTATION_S)
        overlap_s, at_once = self._settings.overlap_s, self._settings.at_once
        self._each(
            lambda party: party.rotate_keys(
                self._peer_of(party), overlap_s=overlap_s, at_once=at_once
            )
        )
        begin = max(
            one.not_before
            for party in self._parties
            for one in party.ring.records()
            if one.party == party.operator_id
        )
        while (
            time.monotonic() - began_s < self._settings.seconds
            or datetime.now(UTC) < begin + _AFTER_SWITCH
        ):
            time.sleep(_POLL_S)
        for caller in callers:
            caller.stop()
        self._report.traffic_s = round(time.monotonic() - began_s, 1)

    def _count(self) -> None:
        report = self._report
        refusals: Counter[str] = Counter()
        for party in self._parties:
            callers = self._callers[party.operator_id]
            signed: Counter[str] = Counter()
            for caller in callers:
                report.sent[f"{party.role.value} {caller.door}"] = len(caller.sent)
                report.acknowledged += len(caller.acknowledged)
                report.refused += len(caller.refused)
                refusals.update(what for what, _ in caller.refused)
                signed += caller.signed_by
            report.signed_by[party.role.value] = dict(signed)
            versions = self._kept(party, callers[0].kind)
            sent = {key for caller in callers for key in caller.sent}
            report.lost += len(sent - versions.keys())
            report.applied_twice += sum(version != 1 for version in versions.values())
        report.refusals = dict(refusals)
        report.keys_after = self._states()

    def _kept(self, party: Party, kind: str) -> dict[str, int]:
        """The version in the peer's store of each object that ``party`` sent."""
        store, owner = self._peer_of(party).store, party.operator_id
        kept = look(store, lambda view: view.documents(kind, owner=owner))
        return {each.key: each.version for each in kept}

    def _revoke(self) -> None:
        """The platform revokes what the operator signs with, while the operator goes on with it."""
        callers = self._callers[OPERATOR]
        if self._operator.has_sets:
            # It may still be in its dates, and would be gone back to.
            self._platform.revoke_use_by(self._operator, 1)
        for caller in callers:
            caller.start("revoked-")
        time.sleep(_BEFORE_ROTATION_S)
        began_s = time.monotonic()
        self._platform.revoke_use_by(self._operator, 2)
        self._report.revoke_command_s = round(time.monotonic() - began_s, 2)
        last_s = began_s
        while time.monotonic() < max(last_s, began_s + self._report.revoke_command_s) + _QUIET_S:
            time.sleep(_POLL_S)
            last_s = max([began_s, *(at for each in callers for _, at in each.acknowledged[-1:])])
            if last_s - began_s > REVOKED_WITHIN_S:
                break
        for caller in callers:
            caller.stop()
        self._report.accepted_after_revocation_s = round(last_s - began_s, 2)
        self._report.refused_after_revocation = sum(len(each.refused) for each in callers)

    def _each(self, work: Callable[[Party], object]) -> None:
        """Both sides at once."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, self._parties))

    def _peer_of(self, party: Party) -> Party:
        return self._operator if party is self._platform else self._platform

    def _states(self) -> dict[str, dict[str, str]]:
        return {party.role.value: party.key_states() for party in self._parties}
