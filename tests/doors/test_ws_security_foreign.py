"""WS-Security with somebody else's implementation on one side of the wire. ACC-5.5, CARD-2.

Each runs where its tool is installed: xmlsec1; a JDK with libwss4j-java and libxml-security-java.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.forging import Envelope
from tests.trio import OPERATOR, PLATFORM, ret_of
from tests.wsse import SignedTrio, certified
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.objects import TimeAnswer, TimeQuery
from vgigw.operations import QUERY_TIME

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in ("wss4j", "xmlsec", "commons-logging", "commons-codec", "slf4j-api", "slf4j-nop")
]
SIGNED = {"Body", "MessageHeader", "Timestamp"}


class Exchange:
    """A platform by the clock of this machine, and a request that is not signed yet."""

    def __init__(self, version: str, folder: Path) -> None:
        self.folder = folder
        self.trio = SignedTrio(version)
        self.trio.clock.move_to(datetime.now(UTC).replace(microsecond=0))
        asked = TimeQuery(t1=self.trio.now)
        self.courier, self.peer = self.trio.courier()
        self.wire = self.trio.sealed(QUERY_TIME, asked, self.trio.token())

    def unsigned(self) -> bytes:
        """The request as a stack has it that knows the WSDL."""
        message = Envelope(self.wire.body)
        message.header.remove(message.security)
        for element in (message.block, message.body):
            del element.attrib[term.ID]
        return message.written()

    def answer_to(self, signed: bytes) -> WireAnswer:
        return self.trio.give(replace(self.wire, body=signed))

    def asked(self) -> tuple[WireRequest, Any, WireAnswer]:
        """Our own request, what opening needs, and the platform's answer."""
        asked = TimeQuery(t1=self.trio.now)
        token = self.trio.token()
        wire, sent = self.courier.seal(self.peer, "", QUERY_TIME, asked, token, self.trio.now)
        arrived = replace(self.wire, body=wire.body)
        return arrived, sent, self.trio.give(arrived)


@pytest.fixture(params=["1.1", "1.2"], ids=["SOAP 1.1", "SOAP 1.2"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Exchange:
    (tmp_path / "own.pem").write_bytes(certified(OPERATOR).pem)
    (tmp_path / "own.p12").write_bytes(certified(OPERATOR).p12("own", b"password"))
    pem = certified(PLATFORM).certificate_pem
    (tmp_path / "peer.pem").write_bytes(pem)
    return Exchange(str(request.param), tmp_path)


def ran(command: list[str], folder: Path, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=folder, input=data, capture_output=True, timeout=120)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def value_of(signed: bytes) -> str:
    return re.sub(r"\s", "", Envelope(signed).value.text or "")


def xmlsec1(exchange: Exchange, action: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    namespace = str(Envelope(exchange.wire.body).soap)
    names = [f"{namespace}:Body", "urn:vgigw:v1:MessageHeader", f"{term.WSU}:Timestamp",
             f"{term.WSSE11}:SignatureConfirmation"]  # fmt: skip
    ids = [part for name in names for part in ("--id-attr:Id", name)]
    return ran([tool("xmlsec1"), action, *ids, *options], exchange.folder)


def test_xmlsec1_signs_a_request_that_our_door_takes(exchange: Exchange) -> None:
    message = Envelope(exchange.wire.body)
    for element in (*message.find(term.DIGEST_VALUE), message.value):
        element.text = ""
    (exchange.folder / "template.xml").write_bytes(message.written())

    signing = xmlsec1(
        exchange, "--sign", "--privkey-pem", "own.pem", "--output", "out.xml", "template.xml"
    )
    assert signing.returncode == 0, signing.stderr
    answer = exchange.answer_to((exchange.folder / "out.xml").read_bytes())

    assert ret_of(answer) == 0
    assert answer.status == 200


def test_xmlsec1_verifies_what_we_sign_and_nothing_that_was_changed(exchange: Exchange) -> None:
    wire, _, answer = exchange.asked()
    (exchange.folder / "own-certificate.pem").write_bytes(certified(OPERATOR).certificate_pem)
    for body, certificate, parts in (
        (wire.body, "own-certificate.pem", 3),
        (answer.body, "peer.pem", 4),
    ):
        for changed in (body, body.replace(b"<T1>", b"<T1> ")):
            (exchange.folder / "message.xml").write_bytes(changed)
            verified = xmlsec1(
                exchange, "--verify", "--pubkey-cert-pem", certificate, "message.xml"
            )
            said = verified.stdout + verified.stderr
            assert (verified.returncode == 0) == (changed is body), said
            if changed is body:
                assert f"SignedInfo References (ok/all): {parts}/{parts}".encode() in said


@pytest.fixture(scope="module")
def wss4j(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs ``WsSecurity.java``, compiled."""
    javac, java = tool("javac"), tool("java")
    missing = [jar.name for jar in JARS[:4] if not jar.exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed in /usr/share/java")
    folder = tmp_path_factory.mktemp("wss4j")
    path = ":".join(map(str, (*JARS, folder)))
    source = Path(__file__).with_name("WsSecurity.java")
    compiled = ran([javac, "-cp", path, "-d", str(folder), str(source)], folder)
    assert compiled.returncode == 0, compiled.stderr
    return [java, "-cp", path, "WsSecurity"]


@pytest.mark.slow
def test_wss4j_signs_a_request_that_our_door_takes_and_verifies_our_answer(
    wss4j: list[str], exchange: Exchange
) -> None:
    folder = exchange.folder
    signing = ran([*wss4j, "sign", "own.p12", "password"], folder, exchange.unsigned())
    assert signing.returncode == 0, signing.stderr
    assert b"InclusiveNamespaces" in signing.stdout

    answer = exchange.answer_to(signing.stdout)
    value = value_of(signing.stdout)

    assert ret_of(answer) == 0
    assert answer.status == 200
    verified = ran([*wss4j, "verify", "peer.pem", value], folder, answer.body)
    assert verified.returncode == 0, verified.stderr
    confirms, signed = verified.stdout.decode().splitlines()
    assert confirms == "confirms this"
    assert set(signed.split()[1:]) == SIGNED | {"SignatureConfirmation"}


@pytest.mark.slow
def test_wss4j_finds_out_what_somebody_changed_in_our_answer(
    wss4j: list[str], exchange: Exchange
) -> None:
    _, sent, answer = exchange.asked()
    for old, new in ((b"<T1>", b"<T1> "), (b">1000", b">1010"), (sent.signature.encode(), b"QUJD")):
        assert old in answer.body
        changed = answer.body.replace(old, new, 1)
        verified = ran([*wss4j, "verify", "peer.pem", "-"], exchange.folder, changed)
        assert verified.returncode != 0, verified.stdout


@pytest.mark.slow
def test_wss4j_answers_so_that_our_courier_believes_it(
    wss4j: list[str], exchange: Exchange
) -> None:
    """The other side of a call of ours: a Java service with signature confirmation."""
    _, sent, answer = exchange.asked()
    message = Envelope(answer.body)
    message.header.remove(message.security)
    for element in (message.block, message.body):
        del element.attrib[term.ID]
    platform = certified(PLATFORM).p12("own", b"password")
    (exchange.folder / "platform.p12").write_bytes(platform)

    signing = ran(
        [*wss4j, "sign", "platform.p12", "password", sent.signature],
        exchange.folder,
        message.written(),
    )
    assert signing.returncode == 0, signing.stderr
    foreign = replace(answer, body=signing.stdout)

    opened = exchange.courier.open(exchange.peer, QUERY_TIME, sent, foreign)
    assert isinstance(opened, TimeAnswer)
    assert opened.t1 == exchange.trio.now
