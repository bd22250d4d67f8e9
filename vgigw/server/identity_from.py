"""Who a gateway is and whom it knows, as its configuration says."""

from __future__ import annotations

from collections.abc import Mapping

from vgigw.crypto.suite import AnySuite
from vgigw.ports import Identity, Peer
from vgigw.server.config import Config
from vgigw.server.link_checks import check_dialect, check_soap_signature, check_suite, check_ties
from vgigw.server.link_keys import LinkSecrets
from vgigw.server.named import dialects_of, suites_of
from vgigw.server.peer_from import peer_from


def identity_from(config: Config, suites: Mapping[str, AnySuite] | None = None) -> Identity:
    """Who the gateway is and whom it knows. Raises ``Misconfigured``."""
    known = suites_of(config) if suites is None else suites
    secrets = LinkSecrets(config)
    dialects = dialects_of(config)
    for section in config.peers:
        check_dialect(section.operator_id, section.dialect, dialects)
    peers: dict[str, Peer] = {}
    for section in config.peers:
        check_suite(section.operator_id, section.suite, known)
        check_soap_signature(section.operator_id, section.soap_signature, known[section.suite])
        suite = known[section.suite].name
        both = secrets.of(section, suite)
        peers[section.operator_id] = peer_from(section, suite, both, config.folder)
    check_ties(peers)
    return Identity(
        operator_id=config.gateway.operator_id,
        role=config.gateway.role,
        peers=peers,
        window_s=config.gateway.window_s,
        token_life_s=config.gateway.token_life_s,
        suites=tuple(dict.fromkeys(suite.name for suite in known.values())),
        max_body_bytes=config.listen.max_body_bytes,
    )
