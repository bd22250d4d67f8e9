"""The checks of ``vgigw doctor`` on suites with private keys: what is in use, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vgigw.cli.findings import Finding, State
from vgigw.cli.key_advice import make_key, request, rotate, take_certificate, take_key
from vgigw.crypto.gm import Gm
from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.key_life import Stage, state_at
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, LinkKey, Purpose
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.xml_signing import certified, ends_at, is_valid_at
from vgigw.errors import Misconfigured
from vgigw.ports import SoapSignature
from vgigw.server.config import Config
from vgigw.server.config_peers import PeerSection
from vgigw.server.link_keys import ring_of

SOON: Final = timedelta(days=30)
"""A key that ends sooner, and has no successor, is worth a word."""


def with_keys(suite: SigningSuite[Any, Any]) -> Finding:
    """The suite, and for SM2 who does the work."""
    by = f", SM2 by {suite.provider.name}" if isinstance(suite, Gm) else ""
    return Finding(State.OK, f"suite {suite.name}", f"private keys{by}")


def keys_of_peers(config: Config) -> Iterator[Finding]:
    """Whether the ring has, for each peer that needs them, the four keys of its link."""
    sections = [section for section in config.peers if section.suite in OF_SUITE]
    if not sections:
        return
    try:
        ring = ring_of(config)
        records = ring.records()
    except Misconfigured as fault:
        advice = "set gateway.master_key to where the master key is"
        yield Finding(State.FAIL, "key ring", fault.message, advice)
        return
    own, now = config.gateway.operator_id, datetime.now(UTC)
    for section in sections:
        for party, purpose in _needed(own, section):
            yield _found(own, section, party, purpose, records, now)
        if section.soap_signature is SoapSignature.WS_SECURITY:
            keys = ring.link(section.operator_id, section.suite)
            yield _certified(section, "ours", keys.own, now)
            yield _certified(section, "theirs", keys.peer, now)


def _needed(own: str, section: PeerSection) -> Iterator[tuple[str, Purpose]]:
    """Whose key is needed, and for what: only T/CEC 102 encrypts within the message."""
    doors = {*section.doors, *([section.outbound.door] if section.outbound else [])}
    purposes = [Purpose.SIGN, *([Purpose.ENCRYPT] if "cec102" in doors else [])]
    for party in (own, section.operator_id):
        for purpose in purposes:
            yield party, purpose


def _certified(
    section: PeerSection, whose: str, keys: Collection[LinkKey[Any]], now: datetime
) -> Finding:
    """Whether WS-Security has a key with a certificate to sign, or to verify, with."""
    check = f"certificate {section.operator_id}"
    found = [key for key in certified(keys) if key.state is KeyState.ACTIVE]
    found = [key for key in found if is_valid_at(key, now)]
    if not found:
        what = f"no active RSA key with a certificate, {whose} to sign: WS-Security needs one"
        advice = f"take in a certificate of our key: {take_certificate()}"
        if whose == "theirs":
            advice = f"get the peer's certificate: {take_certificate(section.operator_id)}"
        return Finding(State.FAIL, check, what, advice)
    last = max(found, key=ends_at)
    until = f"{whose} to sign, by WS-Security, until {ends_at(last):%Y-%m-%d}"
    if ends_at(last) - now < SOON:
        advice = f"have a new one made: {request(last.key_id)}"
        if whose == "theirs":
            advice = "ask the peer for its next certificate, and import it"
        return Finding(State.WARN, check, until, advice)
    return Finding(State.OK, check, until)


def _found(
    own: str,
    section: PeerSection,
    party: str,
    purpose: Purpose,
    records: tuple[KeyRecord, ...],
    now: datetime,
) -> Finding:
    check = f"keys {section.operator_id}"
    what = f"{'ours' if party == own else 'theirs'} to {purpose.value}"
    usable = [
        one
        for one in records
        if one.party == party
        and one.purpose is purpose
        and one.algorithm in OF_SUITE[section.suite]
        and one.peer in (None, section.operator_id)
        and state_at(one, records, now) is Stage.ACTIVE
    ]
    if not usable:
        advice = f"make one: {make_key(section.suite, purpose)}, and export it to the peer"
        if party != own:
            advice = f"get the peer's public key: {take_key(party, section.suite, purpose)}"
        return Finding(State.FAIL, check, f"no active key, {what}", advice)
    last = max(usable, key=lambda one: one.not_after)
    until = f"{what}: {last.key_id} until {last.not_after:%Y-%m-%d}"
    if last.not_after - now < SOON:
        advice = "ask the peer for its next key, and import it"
        if party == own:
            advice = f"{rotate(last.key_id)}, and export that to the peer"
        return Finding(State.WARN, check, until, advice)
    return Finding(State.OK, check, until)
