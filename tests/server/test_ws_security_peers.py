"""``soap_signature``, from configuration and key ring to a signed exchange. ACC-5.5, ACC-5.8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from tests.doors.sealing import Sender, by_soap
from tests.stores.fresh import fresh_store
from tests.trio import OPERATOR, PLATFORM, ret_of, secrets_of
from tests.wsse import by_ws_security, certificate_of
from vgigw.cli.findings import State
from vgigw.cli.key_checks import keys_of_peers
from vgigw.codec.xml import write
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import Purpose
from vgigw.errors import Misconfigured
from vgigw.objects import TimeAnswer, TimeQuery
from vgigw.operations import QUERY_TIME, Role
from vgigw.ports import Identity, Peer
from vgigw.server.assembly import Gateway
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from
from vgigw.server.link_keys import ring_of
from vgigw.testing.loopback import FakeClock, LoopbackSender, doors_of

NOW = datetime.now(UTC).replace(microsecond=0)
DATES: Any = {"not_before": NOW - timedelta(days=1), "not_after": NOW + timedelta(days=400)}
NAMES = {PLATFORM: ("platform", OPERATOR, "operator"), OPERATOR: ("operator", PLATFORM, "platform")}


def config_of(folder: Path, party: str, extra: str = 'suite = "intl"') -> Path:
    role, peer, peer_role = NAMES[party]
    folder = folder / party
    folder.mkdir(exist_ok=True)
    (folder / "master").write_text("11" * 32)
    (folder / "vgigw.toml").write_text(f"""
[gateway]
operator_id = "{party}"
role = "{role}"
master_key = "file:master"
[[peers]]
operator_id = "{peer}"
role = "{peer_role}"
doors = ["soap"]
soap_signature = "ws-security"
{extra}
[peers.inbound]
operator_secret = "operator-secret"
[peers.outbound]
paths = ["http://127.0.0.1:9/soap"]
door = "soap"
""")
    return folder / "vgigw.toml"


def rings(folder: Path, *, algorithm: Algorithm = Algorithm.RSA, certify: bool = True) -> None:
    """Each party has a key, and the other's public one."""
    both = {party: ring_of(load(config_of(folder, party))) for party in NAMES}
    for party, ring in both.items():
        record = ring.new("sign-1", algorithm, Purpose.SIGN, **DATES)
        other = both[NAMES[party][1]]
        place = Place(party, "sign-1")
        other.import_public(place, algorithm, Purpose.SIGN, record.public, **DATES)
        if certify:
            der = certificate(ring, party)
            ring.certify(place, (der,), DATES["not_after"])
            other.certify(place, (der,), DATES["not_after"])


def certificate(ring: KeyRing, party: str) -> bytes:
    key: Any = next(iter(ring.link(NAMES[party][1], "intl").own)).key
    return certificate_of(key, party, **DATES).public_bytes(Encoding.DER)


def findings(path: Path) -> list[tuple[str, State]]:
    return [
        (each.found, each.state)
        for each in keys_of_peers(load(path))
        if each.check.startswith("certificate")
    ]


def test_two_gateways_from_files_and_rings_talk_by_ws_security(tmp_path: Path) -> None:
    rings(tmp_path)
    clock = FakeClock(NOW)
    net = LoopbackSender(clock)
    gateways = {}
    for party in NAMES:
        gateway = Gateway.from_config(config_of(tmp_path, party), store=fresh_store(), sender=net)
        peer = NAMES[party][1]
        known: Any = gateway.identity.peers
        known[peer] = replace(known[peer], paths=(f"loop://{peer}/soap",))
        net.join(party, gateway)
        gateways[party] = gateway

    answer = gateways[OPERATOR].call(PLATFORM, QUERY_TIME, TimeQuery(t1=NOW), NOW)

    assert isinstance(answer, TimeAnswer)
    assert answer.t1 == NOW
    assert all(b"BinarySecurityToken" in wire.body for wire, _ in net.exchanged)
    payload = b'<QueryTime xmlns="urn:vgigw:v1">' + write(TimeQuery(t1=NOW)) + b"</QueryTime>"
    by_header = by_soap(Sender(OPERATOR, "t", NOW), QUERY_TIME, payload)
    assert ret_of(net_answer(gateways[PLATFORM], by_header)) == 4001


def net_answer(gateway: Gateway, wire: Any) -> Any:
    return gateway.receive(doors_of(gateway)["/soap"], wire, NOW)


def test_doctor_finds_the_certificates_and_how_long_they_last(tmp_path: Path) -> None:
    rings(tmp_path)
    until = f"{DATES['not_after']:%Y-%m-%d}"

    assert findings(config_of(tmp_path, PLATFORM)) == [
        (f"ours to sign, by WS-Security, until {until}", State.OK),
        (f"theirs to sign, by WS-Security, until {until}", State.OK),
    ]


@pytest.mark.parametrize("algorithm", [Algorithm.RSA, Algorithm.ED25519])
def test_doctor_tells_missing_certificates_and_what_to_do(
    tmp_path: Path, algorithm: Algorithm
) -> None:
    rings(tmp_path, algorithm=algorithm, certify=False)

    found = list(keys_of_peers(load(config_of(tmp_path, PLATFORM))))
    missing = [each for each in found if each.check == f"certificate {OPERATOR}"]

    assert [each.state for each in missing] == [State.FAIL, State.FAIL]
    assert "no active RSA key with a certificate, ours" in missing[0].found
    assert f"--party {OPERATOR}" in missing[1].advice
    assert not [each for each in found if each.check == f"keys {OPERATOR}" and
                each.state is State.FAIL]  # fmt: skip


@pytest.mark.parametrize("suite", ["tcec102", "gm-mac", "gm"])
def test_another_suite_is_refused_with_what_it_takes(tmp_path: Path, suite: str) -> None:
    secrets = "" if suite == "gm" else "".join(
        f'{name} = "1234567890abcdef"\n' for name in ("data_secret", "data_secret_iv", "sig_secret")
    )  # fmt: skip
    path = config_of(tmp_path, PLATFORM, f'suite = "{suite}"')
    path.write_text(path.read_text().replace("[peers.outbound]", f"{secrets}[peers.outbound]"))

    with pytest.raises(Misconfigured, match='"ws-security" needs suite intl') as refused:
        identity_from(load(path))

    assert OPERATOR in refused.value.message


def test_an_embedded_gateway_is_told_the_same() -> None:
    secrets = secrets_of(OPERATOR)
    peer = Peer(
        operator_id=OPERATOR, role=Role.OPERATOR, doors=frozenset({"soap"}), suite="tcec102",
        inbound=secrets, outbound=secrets,
    )  # fmt: skip
    wrong = replace(by_ws_security(peer, PLATFORM), suite="tcec102", inbound=secrets,
                    outbound=secrets)  # fmt: skip
    identity = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers={OPERATOR: wrong})

    with pytest.raises(Misconfigured, match="needs suite intl, not tcec102"):
        Gateway(identity, fresh_store())


def test_an_unknown_way_to_sign_is_refused(tmp_path: Path) -> None:
    path = config_of(tmp_path, PLATFORM)
    path.write_text(path.read_text().replace('"ws-security"', '"wsse"'))

    with pytest.raises(Misconfigured, match="soap_signature"):
        load(path)
