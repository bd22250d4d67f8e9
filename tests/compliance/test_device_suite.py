"""Keys that stay in a device: a suite is handed names of keys and asks the device. VGI-T8."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tests.server.test_own_suite import Line
from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, PLATFORM, station
from vgigw import Gateway, Identity, Peer
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.errors import NotGenuine, PeerAnswerInvalid
from vgigw.objects import ArchiveReceipt, Success
from vgigw.operations import PUSH_ARCHIVE, Role
from vgigw.testing.suite_contract import check_suite

NAMES = Secrets.of(
    operator_secret="the operator",
    data_secret="slot-of-the-data",
    data_secret_iv="slot-of-the-iv-1",
    sig_secret="slot-of-the-mac",
)
"""What stands in the configuration: where each key is, and none of the keys."""


class Device:
    """Stands for a card or a module: it works with its keys and never hands one out."""

    def __init__(self, inside: bytes) -> None:
        self.__inside = inside

    def mac(self, name: bytes, message: bytes) -> str:
        return hmac.digest(self.__key(name), message, "sha256").hex().upper()

    def encrypt(self, name: bytes, vector: bytes, plaintext: bytes) -> bytes:
        return SUITES["gm-mac"].encrypt(self.__keys(name, vector), plaintext)

    def decrypt(self, name: bytes, vector: bytes, ciphertext: bytes) -> bytes:
        return SUITES["gm-mac"].decrypt(self.__keys(name, vector), ciphertext)

    def __key(self, name: bytes) -> bytes:
        return hashlib.sha256(self.__inside + name).digest()

    def __keys(self, name: bytes, vector: bytes) -> Secrets:
        key, start = self.__key(name)[:16], self.__key(vector)[:16]
        return Secrets(b"-", key, start, b"-")


class DeviceSuite:
    """Four functions and a device behind them."""

    name = "device"

    def __init__(self, device: Device) -> None:
        self._device = device

    def sign(self, keys: Secrets, message: bytes) -> str:
        return self._device.mac(keys.sig_secret, message)

    def verify(self, keys: Secrets, message: bytes, signature: str) -> None:
        expected = self.sign(keys, message).encode()
        if not hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
            raise NotGenuine()

    def encrypt(self, keys: Secrets, plaintext: bytes) -> bytes:
        return self._device.encrypt(keys.data_secret, keys.data_secret_iv, plaintext)

    def decrypt(self, keys: Secrets, ciphertext: bytes) -> bytes:
        return self._device.decrypt(keys.data_secret, keys.data_secret_iv, ciphertext)


def peer(party: str, role: Role) -> Peer:
    return Peer(
        operator_id=party,
        role=role,
        doors=frozenset({"cec102"}),
        suite="device",
        inbound=NAMES,
        outbound=NAMES,
        paths=("line:",),
    )


def pair(ours: bytes, theirs: bytes) -> Gateway:
    """An operator whose line leads to a platform; each has a device of its own."""
    known = Identity(
        operator_id=PLATFORM, role=Role.PLATFORM, peers={OPERATOR: peer(OPERATOR, Role.OPERATOR)}
    )
    platform = Gateway(known, fresh_store(), suites=[DeviceSuite(Device(theirs))])
    identity = Identity(
        operator_id=OPERATOR, role=Role.OPERATOR, peers={PLATFORM: peer(PLATFORM, Role.PLATFORM)}
    )
    own = DeviceSuite(Device(ours))
    return Gateway(identity, fresh_store(), suites=[own], sender=Line(platform))


def test_vgi_t8_a_suite_over_a_device_passes_the_public_contract() -> None:
    check_suite(DeviceSuite(Device(b"inside")), NAMES)


def test_vgi_t8_two_gateways_talk_whose_keys_are_in_devices() -> None:
    receipt = pair(b"inside", b"inside").call(PLATFORM, PUSH_ARCHIVE, station(), NOW)

    assert receipt == ArchiveReceipt(status=Success.OK, version=1)


def test_vgi_t8_the_same_names_over_another_device_are_not_genuine() -> None:
    """Neither is what the operator sent, nor the refusal that comes back."""
    with pytest.raises(PeerAnswerInvalid):
        pair(b"inside", b"another").call(PLATFORM, PUSH_ARCHIVE, station(), NOW)
