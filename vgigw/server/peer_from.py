"""A peer as its section of the configuration says."""

from __future__ import annotations

from pathlib import Path

from vgigw.codec.convention import INSIDE, Convention
from vgigw.codec.convention_stamps import CurveStamp
from vgigw.objects.enumerations import CoordinateSystem, PolarityMode, UnitProfile
from vgigw.ports import Peer
from vgigw.ports.tls import SYSTEM, TlsFiles
from vgigw.server.config_peers import TLS_FILES, ConventionSection, OutboundSection, PeerSection
from vgigw.server.link_keys import BothWays
from vgigw.server.peer_certificate import fingerprints


def peer_from(section: PeerSection, suite: str, secrets: BothWays, folder: Path) -> Peer:
    """The peer with ``suite`` and ``secrets``; relative paths begin at ``folder``.

    Raises ``Misconfigured``.
    """
    out, (inbound, outbound) = section.outbound, secrets
    return Peer(
        operator_id=section.operator_id,
        role=section.role,
        doors=frozenset(section.doors),
        suite=suite,
        protection=section.protection,
        inbound=inbound,
        outbound=outbound,
        paths=out.paths if out else (),
        door=out.door if out else "cec102",
        soap_version=out.soap_version if out else "1.1",
        tls=_tls_files(out, folder) if out else SYSTEM,
        soap_signature=section.soap_signature,
        allow_legacy_suite=section.allow_legacy_suite,
        convention=convention_from(section.convention),
        dialect=section.dialect,
        approved=section.approved,
        networks=section.networks,
        on_change=section.on_change,
        window_s=section.window_s,
        unsigned=section.unsigned,
        unsigned_sensitive=section.unsigned_sensitive,
        messages_per_s=section.messages_per_s,
        bytes_per_s=section.bytes_per_s,
        on_poison=section.on_poison,
        certificates=fingerprints(section.certificates, folder, f"peer {section.operator_id}"),
    )


def convention_from(section: ConventionSection) -> Convention:
    """What a peer means by its numbers, as its section says."""
    wgs_84 = section.coordinates == "WGS-84"
    found = Convention(
        power_unit=UnitProfile[section.power_unit.upper()],
        polarity=None if section.polarity == "resource" else PolarityMode[section.polarity.upper()],
        coordinates=CoordinateSystem.WGS_84 if wgs_84 else CoordinateSystem.GCJ_02,
        curve_stamp=CurveStamp(section.curve_stamp),
    )
    return INSIDE if found == INSIDE else found


def _tls_files(out: OutboundSection, folder: Path) -> TlsFiles:
    named = {name: getattr(out, name) for name in TLS_FILES}
    files = {name: folder / text.removeprefix("file:") for name, text in named.items() if text}
    return TlsFiles(**files)
