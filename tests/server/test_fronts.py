"""TLS ends in front of a gateway: nginx, gunicorn and cheroot as docs/how-to/tls.md sets them up.

PLT-10.3a. Real programs and real certificates on loopback; each front serves this whole module.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
import urllib3

from tests.authority import Issued
from tests.senders.tls_peer import OLD
from tests.server.fronts import FRONTS, Front, OverTls, front
from tests.server.wired import bytes_of, upload
from tests.trio import DISPATCH, OPERATOR, OTHER, ret_of
from vgigw.envelope.wire import WireRequest
from vgigw.objects import StationQuery
from vgigw.operations import QUERY_STATIONS_INFO, UPLOAD_TELEMETRY

DOORS = ("rest", "soap", "cec102")
STRANGERS = ("nobody", "expired", "revoked", "strange")
NAMES = ("ClientCertificate", "CLIENTCERTIFICATE", "SSL_CLIENT_CERT", "Ssl-Client-Cert")
NOT_LET_IN = (urllib3.exceptions.SSLError, urllib3.exceptions.ProtocolError)
"""In TLS 1.3 a client learns of it after it has sent."""
_APPLICATION_DATA = b"\x17"


@pytest.fixture(scope="module", params=FRONTS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    with front(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture(scope="module")
def operator(served: Front) -> OverTls:
    """OPERATOR as it should come: over its own certificate."""
    return OverTls(OPERATOR, served, served.shown.of[OPERATOR])


def query(wire: OverTls, door: str = "rest") -> WireRequest:
    return wire.sealed(door, QUERY_STATIONS_INFO, StationQuery())


def is_let_in(served: Front, wire: OverTls, asked: WireRequest) -> bool:
    """Whether ``asked`` reaches the gateway."""
    try:
        answer = wire.give(asked)
    except NOT_LET_IN:
        return False
    assert answer.status == 200 or b"<center>nginx</center>" in answer.body
    return answer.status == 200


@contextmanager
def opened(
    served: Front, client: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw,
        client.wrap_socket(raw, server_hostname="127.0.0.1", session=session) as link,
    ):
        yield link


def all_of(link: ssl.SSLSocket) -> bytes:
    return b"".join(iter(lambda: link.recv(65_536), b""))


@pytest.mark.parametrize("door", DOORS)
def test_plt_10_3a_a_peer_that_comes_over_its_own_certificate_is_known_by_it(
    operator: OverTls, door: str
) -> None:
    """The protection of this peer is its transport: without its certificate nothing is taken."""
    answer = operator.give(
        operator.sealed(door, UPLOAD_TELEMETRY, upload(OPERATOR, 1, f"S-{door}"))
    )
    assert (answer.status, ret_of(answer)) == (200, 0)


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_message_over_the_certificate_of_another_peer_is_not_genuine(
    served: Front, operator: OverTls, door: str
) -> None:
    asked = query(operator, door)
    thief = OverTls(OPERATOR, served, served.shown.of[OTHER])
    assert ret_of(thief.give(asked)) == 4001
    assert ret_of(operator.give(asked)) == 0


@pytest.mark.parametrize("form", ["nginx", "RFC 9440"])
def test_attack_a_certificate_that_a_client_writes_into_a_header_is_none(
    served: Front, operator: OverTls, form: str
) -> None:
    own = served.shown.of[OPERATOR]
    told = quote(own.pem, safe="") if form == "nginx" else own.in_rfc_9440
    asked = query(operator)
    verified = {"SSL_CLIENT_VERIFY": "SUCCESS", "Ssl-Client-Verify": "SUCCESS"}
    for name, more in product(NAMES, ({}, verified)):
        spoofing = OverTls(OPERATOR, served, served.shown.of[OTHER])
        spoofing.headers = {name: told, **more}
        assert ret_of(spoofing.give(asked)) == 4001, name


@pytest.mark.parametrize("who", STRANGERS)
def test_plt_10_3a_who_has_no_good_certificate_ends_at_the_front(
    served: Front, operator: OverTls, who: str
) -> None:
    shown: Issued | None = None if who == "nobody" else getattr(served.shown, who)
    asked = query(operator)
    assert not is_let_in(served, OverTls(OPERATOR, served, shown), asked)
    assert is_let_in(served, operator, asked), "else it was turned away for something else"


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_plt_10_3a_tls_of_before_1_2_ends_at_the_front(
    served: Front, operator: OverTls, version: ssl.TLSVersion, taken: bool
) -> None:
    client = served.context(served.shown.of[OPERATOR])
    client.set_ciphers(OLD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = client.maximum_version = version
    wire = OverTls(OPERATOR, served, None, client)
    assert is_let_in(served, wire, query(operator)) is taken


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_attack_no_session_outlives_the_certificate_that_it_began_with(
    served: Front, operator: OverTls, version: ssl.TLSVersion
) -> None:
    """Whoever resumes a session is not asked for a certificate, which may be revoked by then."""
    client = served.context(served.shown.of[OPERATOR])
    client.minimum_version = client.maximum_version = version
    whole = bytes_of(query(operator), close=True)
    session: ssl.SSLSession | None = None
    for _ in range(2):
        with opened(served, client, session) as link:
            link.sendall(whole)
            assert b" 200 " in all_of(link).split(b"\r\n")[0]
            assert not link.session_reused
            session = link.session


def test_f80_two_lengths_are_refused_in_front_as_well(served: Front, operator: OverTls) -> None:
    """What follows the shorter one would be a request that nobody in front has looked at."""
    if served.name == "cheroot":
        pytest.skip("reads such a request by its chunks; the page says to put no proxy in front")
    wire = operator.sealed("cec102", QUERY_STATIONS_INFO, StationQuery())
    hidden = b"0\r\n\r\nGET /readyz HTTP/1.1\r\nhost: x\r\n\r\n"
    head, _, _ = bytes_of(wire).partition(b"content-length")
    twice = f"content-length: {len(hidden)}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    client = served.context(served.shown.of[OPERATOR])
    with opened(served, client) as link:
        link.sendall(head + twice + hidden)
        answer = all_of(link)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert answer.count(b"HTTP/1.") == 1
    assert b"ready" not in answer


def client_of(made: Front, port: int, *more: str) -> list[str]:
    """``openssl s_client``, as OPERATOR."""
    own = made.shown.of[OPERATOR]
    client = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_3", "-ign_eof"]
    return [*client, "-cert", str(own.certificate), "-key", str(own.key), *more]


def first_flight(made: Front, *more: str) -> bytes:
    """What a client sends before it has heard anything: all that somebody between could record."""
    with socket.create_server(("127.0.0.1", 0)) as between:
        client = client_of(made, between.getsockname()[1], *more)
        with subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            try:
                between.settimeout(10)
                link, _ = between.accept()
                with link, link.makefile("rb") as said:
                    records = [b""]
                    while records[-1][:1] != _APPLICATION_DATA:
                        head = said.read(5)
                        assert head, "no early data"
                        records.append(head + said.read(int.from_bytes(head[3:])))
            finally:
                process.kill()
    return b"".join(records)


def test_attack_early_data_has_no_certificate_even_where_somebody_takes_it(
    served: Front, operator: OverTls, tmp_path: Path
) -> None:
    """RFC 8470: whoever recorded it may send it again, in the name of whom it was recorded of."""
    if served.name != "nginx":
        pytest.skip("takes none")
    session, whole = str(tmp_path / "session"), tmp_path / "whole"
    whole.write_bytes(bytes_of(query(operator), close=True))
    known = client_of(served, served.early_port, "-sess_out", session)
    first = subprocess.run(
        known, input=whole.read_bytes(), capture_output=True, timeout=30, check=False
    )
    assert b"HTTP/1.1 200" in first.stdout
    recorded = first_flight(served, "-sess_in", session, "-early_data", str(whole))
    log = served.shown.folder.parent / "vgigw.log"
    before = log.stat().st_size
    for times in (1, 2):
        with socket.create_connection(("127.0.0.1", served.early_port), timeout=10) as link:
            link.sendall(recorded)
            end = time.monotonic() + 10
            while (said := log.read_bytes()[before:]).count(b"\n") < times:
                assert time.monotonic() < end, "never came to the gateway"
                time.sleep(0.02)
        assert said.count(b'"ret":4105') == times
        assert b"message.accepted" not in said


def test_plt_8_11b_where_a_client_comes_from_it_does_not_say_itself(served: Front) -> None:
    for party, ret in ((OTHER, 0), (DISPATCH, 4304)):
        own = OverTls(party, served, served.shown.of[party])
        asked = query(own)
        assert ret_of(own.give(asked)) == ret
        own.headers = {"ClientAddress": "203.0.113.7", "X-Forwarded-For": "203.0.113.7"}
        assert ret_of(own.give(asked)) == ret
