"""Encrypted bodies through a real server: ExchangeSecured and POST /vgi/v1/secured. ACC-5.6.

One served platform with a key ring, and an operator for each suite that has private keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from tests.server.wired import upload
from tests.stores.fresh import fresh_store
from tests.trio import BASES, OPERATOR, OTHER, PLATFORM, ret_of
from vgigw.crypto import key_algorithms
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import Place
from vgigw.crypto.link_keys import Purpose
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerRefused
from vgigw.objects import InformationObject, TelemetryReceipt, Token, TokenRequest
from vgigw.operations import QUERY_TOKEN, UPLOAD_TELEMETRY, Operation, Role
from vgigw.ports import Courier
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.server.assembly import Gateway
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of
from vgigw.testing.gateway_process import GatewayProcess, free_port

NOW = datetime.now(UTC).replace(microsecond=0)
DATES: Any = {"not_before": NOW - timedelta(days=1), "not_after": NOW + timedelta(days=40)}
SUITES = {OPERATOR: "gm", OTHER: "intl"}
ALGORITHMS = {
    "gm": {Purpose.SIGN: Algorithm.SM2, Purpose.ENCRYPT: Algorithm.SM2},
    "intl": {Purpose.SIGN: Algorithm.ED25519, Purpose.ENCRYPT: Algorithm.RSA},
}
PEER = """
[[peers]]
operator_id = "{peer}"
role = "{role}"
doors = ["rest", "soap"]
suite = "{suite}"
[peers.inbound]
operator_secret = "shown-by-{party}"
[peers.outbound]
paths = ["http://127.0.0.1:{port}/vgi/v1"]
door = "rest"
"""


class Party(NamedTuple):
    """An operator with a ring of its own, and the port of the platform."""

    gateway: Gateway
    port: int

    @property
    def own(self) -> str:
        return self.gateway.identity.operator_id

    def courier(self, door: str) -> Courier:
        """One that encrypts on this machine as well, where no courier would."""
        suites = self.gateway.suites
        if door == "soap":
            return SoapCourier(self.own, Role.OPERATOR, suites, secrecy=lambda *_: True)
        return RestCourier(self.own, suites=suites, secrecy=lambda *_: True)

    def exchange(
        self, door: str, operation: Operation, request: InformationObject, token: str | None
    ) -> tuple[InformationObject, WireRequest, WireAnswer]:
        """The answer, and both messages as they were on the wire."""
        base = f"http://127.0.0.1:{self.port}/{BASES[door]}"
        peer = replace(self.gateway.identity.peers[PLATFORM], door=door, soap_version="1.1")
        courier = self.courier(door)
        wire, sent = courier.seal(peer, base, operation, request, token, datetime.now(UTC))
        answer = HttpSender().exchange(base, wire)
        return courier.open(peer, operation, sent, answer), wire, answer

    def token(self, door: str) -> str:
        asked = TokenRequest(operator_id=self.own, operator_secret=f"shown-by-{self.own}")
        token, _, _ = self.exchange(door, QUERY_TOKEN, asked, None)
        assert isinstance(token, Token)
        return str(token.access_token)


def config_of(folder: Path, own: str, role: str, port: int, peers: dict[str, str]) -> Path:
    """``peers``: of each link the operator at its end, by the peer's identity."""
    folder.mkdir()
    (folder / "master").write_text(own[-1] * 64)
    (folder / "master").chmod(0o600)
    text = f'[gateway]\noperator_id = "{own}"\nrole = "{role}"\nmaster_key = "file:master"\n'
    text += f"[listen]\nport = {port}\n"
    for peer, party in peers.items():
        other = "platform" if peer == PLATFORM else "operator"
        text += PEER.format(peer=peer, party=party, role=other, suite=SUITES[party], port=port)
    (folder / "vgigw.toml").write_text(text)
    return folder / "vgigw.toml"


def exchange_keys(configs: dict[str, Path]) -> None:
    """Both ends of each link make their keys, and take the public ones of the other."""
    rings = {own: ring_of(load(path)) for own, path in configs.items()}
    for party, suite in SUITES.items():
        for own, other in ((party, PLATFORM), (PLATFORM, party)):
            for purpose, algorithm in ALGORITHMS[suite].items():
                name = f"{purpose.value}-{suite}"
                made = rings[own].new(name, algorithm, purpose, **DATES)
                place = Place(own, name)
                rings[other].import_public(place, algorithm, purpose, made.public, **DATES)


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Party]]:
    folder, port = tmp_path_factory.mktemp("secured"), free_port()
    configs = {
        PLATFORM: config_of(
            folder / PLATFORM, PLATFORM, "platform", port, {each: each for each in SUITES}
        )
    }
    for own in SUITES:
        configs[own] = config_of(folder / own, own, "operator", port, {PLATFORM: own})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_algorithms, "RSA_BITS", 2048)
        exchange_keys(configs)
    found = {own: Gateway.from_config(configs[own], store=fresh_store()) for own in SUITES}
    with GatewayProcess(configs[PLATFORM], port) as process:
        process.start()
        yield {own: Party(gateway, port) for own, gateway in found.items()}
    for gateway in found.values():
        gateway.close()


@pytest.mark.parametrize("door", ["rest", "soap"])
@pytest.mark.parametrize("own", SUITES, ids=SUITES.get)
def test_acc_5_6_an_encrypted_body_goes_through_a_real_server_and_comes_back(
    parties: dict[str, Party], own: str, door: str
) -> None:
    party = parties[own]
    token = party.token(door)

    batch = upload(own, 1, f"S-{door}")
    receipt, wire, answer = party.exchange(door, UPLOAD_TELEMETRY, batch, token)

    assert isinstance(receipt, TelemetryReceipt)
    assert receipt.ack_seq == batch.seq_to
    carrier = b"ExchangeSecured" if door == "soap" else b"SecuredData"
    assert carrier in wire.body
    assert carrier in answer.body
    assert answer.status == 200
    for said in (batch.batch_id.encode(), b"TelemetryBatch", b"ActivePower", b"BatchID"):
        assert said not in wire.body + answer.body


@pytest.mark.parametrize("door", ["rest", "soap"])
@pytest.mark.parametrize("own", SUITES, ids=SUITES.get)
def test_acc_5_6_a_refusal_of_what_came_encrypted_is_read_whole_by_its_peer(
    parties: dict[str, Party], own: str, door: str
) -> None:
    party = parties[own]
    token = party.token(door)
    wrong = replace(upload(own, 2, f"S-{door}"), actual_count=7)

    with pytest.raises(PeerRefused) as refused:
        party.exchange(door, UPLOAD_TELEMETRY, wrong, token)

    assert refused.value.code == 4004
    assert "/ActualCount" in [each.path for each in refused.value.details]


@pytest.mark.parametrize("door", ["rest", "soap"])
@pytest.mark.parametrize("own", SUITES, ids=SUITES.get)
def test_acc_5_5_a_changed_ciphertext_is_not_genuine_on_a_real_server(
    parties: dict[str, Party], own: str, door: str
) -> None:
    party = parties[own]
    base = f"http://127.0.0.1:{party.port}/{BASES[door]}"
    peer = replace(party.gateway.identity.peers[PLATFORM], door=door, soap_version="1.1")
    wire, _ = party.courier(door).seal(
        peer, base, UPLOAD_TELEMETRY, upload(own, 3), party.token(door), datetime.now(UTC)
    )
    before, name, after = wire.body.partition(b"SecuredData")
    at = after.index(b"=") if b"=" in after else len(after) // 2
    changed = after[: at - 3] + (b"A" if after[at - 3 : at - 2] != b"A" else b"B") + after[at - 2 :]
    answer = HttpSender().exchange(base, replace(wire, body=before + name + changed))
    assert ret_of(answer) == 4001
