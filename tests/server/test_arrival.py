"""How a request arrived, and whose certificate came with it: believed of the proxy alone.

PLT-10.3a, PLT-8.11b. The attacks are headers of a client, through the proxy and past it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.authority import Authority, Issued
from tests.crypto.sm2_authority import Authority as Sm2Authority
from tests.crypto.sm2_authority import Issue as Sm2Issue
from vgigw.crypto.pem import CERTIFICATE, pem_of_der
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.envelope.wire import Transport
from vgigw.errors import Malformed, Misconfigured
from vgigw.rules.networks import LOOPBACK_NETWORKS
from vgigw.server.arrival import Arrival, TrustedProxy, arrived
from vgigw.server.peer_certificate import LONGEST_HEADER, fingerprints

NOW = datetime.now(UTC)
REMOTE, PROXY = "203.0.113.7", "10.1.2.3"
HEADERS = TrustedProxy(
    networks=("10.1.0.0/16",), certificate_header="Client-Cert", source_header="X-Forwarded-For"
)
OVER_TLS, MUTUAL, PLAIN = Transport.TLS, Transport.MUTUAL_TLS, Transport.PLAIN


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    return Authority(tmp_path_factory.mktemp("authority")).issue("peer")


def by_rfc_9440(issued: Issued) -> str:
    return issued.in_rfc_9440


def by_nginx(issued: Issued) -> str:
    return quote(issued.pem, safe="")


def at(
    remote: str,
    proxy: TrustedProxy = HEADERS,
    *,
    behind: bool = True,
    now: datetime = NOW,
    **environ: Any,
) -> Arrival:
    asked = {"REMOTE_ADDR": remote, **environ}
    return arrived(asked, now, behind_tls_proxy=behind, proxy=proxy)


@pytest.mark.parametrize("form", [by_rfc_9440, by_nginx])
def test_plt_10_3a_the_certificate_is_what_the_proxy_passes_on(issued: Issued, form: Any) -> None:
    found = at(PROXY, HTTP_CLIENT_CERT=form(issued), HTTP_X_FORWARDED_FOR=REMOTE)
    assert found == Arrival(MUTUAL, REMOTE, issued.fingerprint)


def test_plt_10_3a_a_certificate_of_sm2_comes_from_a_proxy_that_ends_tlcp() -> None:
    """Its key is none that ``cryptography`` knows: what counts is the fingerprint."""
    der = Sm2Authority(sm2_provider(), "authority").issue(Sm2Issue("peer"))
    known = f"sha256:{hashlib.sha256(der).hexdigest()}"
    found = at(PROXY, HTTP_CLIENT_CERT=quote(pem_of_der(der, CERTIFICATE), safe=""))
    assert (found.transport, found.certificate) == (MUTUAL, known)


@pytest.mark.parametrize("form", [by_rfc_9440, by_nginx])
@pytest.mark.parametrize("remote", [REMOTE, "127.0.0.1", "::1", "10.2.0.1", "", "proxy.example"])
def test_attack_a_certificate_header_from_anywhere_else_is_not_looked_at(
    issued: Issued, form: Any, remote: str
) -> None:
    headers: dict[str, Any] = {"HTTP_CLIENT_CERT": form(issued), "HTTP_X_FORWARDED_FOR": "10.1.0.1"}
    assert at(remote, **headers) == Arrival(PLAIN, remote)


@pytest.mark.parametrize("form", [by_rfc_9440, by_nginx])
def test_attack_a_header_that_nobody_named_is_not_looked_at(issued: Issued, form: Any) -> None:
    unnamed = TrustedProxy(networks=HEADERS.networks)
    assert at(PROXY, unnamed, HTTP_CLIENT_CERT=form(issued)) == Arrival(OVER_TLS, PROXY)
    local = at("127.0.0.1", behind=False, HTTP_CLIENT_CERT=form(issued))
    assert local == Arrival(Transport.LOOPBACK, "127.0.0.1")


@pytest.mark.parametrize("form", [by_rfc_9440, by_nginx])
@pytest.mark.parametrize("joint", [",", ", "])
def test_attack_two_headers_of_one_name_are_refused(issued: Issued, form: Any, joint: str) -> None:
    for value in (f"{form(issued)}{joint}{form(issued)}", f"{form(issued)}{joint}x"):
        with pytest.raises(Malformed):
            at(PROXY, HTTP_CLIENT_CERT=value)


@pytest.mark.parametrize(
    "value",
    ["x", "::", ":AAAA:", ":not base64:", "%FF", "%", "(null)", "-----BEGIN CERTIFICATE-----"],
)
def test_a_certificate_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(Malformed):
        at(PROXY, HTTP_CLIENT_CERT=value)


def test_attack_a_header_without_end_is_refused(issued: Issued) -> None:
    with pytest.raises(Malformed):
        at(PROXY, HTTP_CLIENT_CERT=by_nginx(issued) + "%0A" * LONGEST_HEADER)


def test_attack_a_chain_in_the_place_of_a_certificate_is_refused(issued: Issued) -> None:
    with pytest.raises(Malformed):
        at(PROXY, HTTP_CLIENT_CERT=quote(issued.pem + issued.pem, safe=""))


def test_no_certificate_is_tls_and_nothing_more() -> None:
    assert at(PROXY, HTTP_X_FORWARDED_FOR=REMOTE) == Arrival(OVER_TLS, REMOTE)
    assert at(PROXY, HTTP_CLIENT_CERT="", HTTP_X_FORWARDED_FOR=REMOTE).transport is OVER_TLS


@pytest.mark.parametrize("days", [-30, 30])
def test_a_certificate_out_of_its_time_is_none(issued: Issued, days: int) -> None:
    then = NOW + timedelta(days=days)
    found = at(PROXY, now=then, HTTP_CLIENT_CERT=by_rfc_9440(issued))
    assert (found.transport, found.certificate) == (OVER_TLS, "")


def test_attack_early_data_which_anybody_may_have_sent_again_has_no_certificate(
    issued: Issued,
) -> None:
    found = at(PROXY, HTTP_CLIENT_CERT=by_rfc_9440(issued), HTTP_EARLY_DATA="1")
    assert (found.transport, found.certificate) == (OVER_TLS, "")


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (REMOTE, REMOTE),
        (f"198.51.100.1, {REMOTE}", REMOTE),
        (f"198.51.100.1,{REMOTE} , 10.1.0.9", REMOTE),
        ("10.1.0.8, 10.1.0.9", "10.1.0.8"),
        ("198.51.100.1, unknown", "unknown"),
        ("", ""),
    ],
)
def test_plt_8_11b_behind_a_proxy_the_source_is_the_last_hop_that_is_no_proxy(
    told: str, source: str
) -> None:
    assert at(PROXY, HTTP_X_FORWARDED_FOR=told).source == source


def test_a_source_that_no_header_tells_is_the_proxy() -> None:
    quiet = TrustedProxy(networks=HEADERS.networks)
    assert at(PROXY, quiet, HTTP_X_FORWARDED_FOR=REMOTE).source == PROXY


def test_a_unix_socket_is_trusted_where_it_is_named(issued: Issued) -> None:
    headers: dict[str, Any] = {"HTTP_CLIENT_CERT": by_rfc_9440(issued)}
    named = TrustedProxy(networks=("unix",), certificate_header="Client-Cert")
    unnamed = TrustedProxy(networks=LOOPBACK_NETWORKS, certificate_header="Client-Cert")
    assert at("", named, **headers).certificate == issued.fingerprint
    assert at("", unnamed, **headers) == Arrival(PLAIN, "")
    assert at(REMOTE, named, **headers) == Arrival(PLAIN, REMOTE)


def test_behind_a_proxy_nobody_is_loopback_and_who_comes_past_it_is_in_the_open() -> None:
    local = TrustedProxy()
    assert at("127.0.0.1", local).transport is OVER_TLS
    assert at("127.0.0.1").transport is PLAIN
    assert at(REMOTE, local).transport is PLAIN


def test_cheroot_tells_what_it_verified(issued: Issued) -> None:
    shown: dict[str, Any] = {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_CERT": issued.pem}
    assert at(REMOTE, behind=False, **shown) == Arrival(MUTUAL, REMOTE, issued.fingerprint)
    none: dict[str, Any] = {"SSL_CLIENT_VERIFY": "NONE"}
    assert at(REMOTE, behind=False, **none) == Arrival(OVER_TLS, REMOTE)
    failed: dict[str, Any] = {**shown, "SSL_CLIENT_VERIFY": "FAILED:expired"}
    assert at(REMOTE, behind=False, **failed) == Arrival(OVER_TLS, REMOTE)


def test_attack_headers_of_these_names_are_other_variables(issued: Issued) -> None:
    spoofed: dict[str, Any] = {
        "HTTP_SSL_CLIENT_VERIFY": "SUCCESS",
        "HTTP_SSL_CLIENT_CERT": issued.pem,
    }
    assert at(REMOTE, behind=False, **spoofed) == Arrival(PLAIN, REMOTE)


def test_whoever_comes_over_tls_from_this_machine_is_not_loopback() -> None:
    """A proxy that passes TLS through unread has the address of this machine."""
    found = at("127.0.0.1", behind=False, SSL_CLIENT_VERIFY="NONE")
    assert found.transport is OVER_TLS


def test_a_certificate_is_named_by_its_fingerprint_or_by_its_file(
    issued: Issued, tmp_path: Path
) -> None:
    digits = issued.fingerprint.removeprefix("sha256:").upper()
    spelt = ":".join(digits[at : at + 2] for at in range(0, 64, 2))
    (tmp_path / "peer.pem").write_text(issued.pem)
    names = [issued.fingerprint, f"SHA256:{spelt}", "file:peer.pem"]
    assert set(fingerprints(names, tmp_path, "peer 1")) == {issued.fingerprint}


@pytest.mark.parametrize("content", [None, "", "no certificate", "\u00e9"])
def test_a_file_that_holds_no_certificate_is_told_by_peer_and_name(
    content: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "peer.pem").write_text(content)
    with pytest.raises(Misconfigured, match=r"peer 1: certificates: file peer\.pem"):
        fingerprints(["file:peer.pem"], tmp_path, "peer 1")


def test_a_file_with_a_chain_does_not_say_which_one_is_meant(
    issued: Issued, tmp_path: Path
) -> None:
    (tmp_path / "peer.pem").write_text(issued.pem * 2)
    with pytest.raises(Misconfigured):
        fingerprints(["file:peer.pem"], tmp_path, "peer 1")
