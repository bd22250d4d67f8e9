"""RFC 9421 by suites with private keys, with somebody else's implementation on one side. ACC-5.5.

The foreign side knows nothing of us but what the guide says: `keyid`, `nonce` and `tag`.
"""

from __future__ import annotations

from typing import Any

import http_message_signatures as foreign
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from http_message_signatures import algorithms
from msgspec.structs import replace

from tests.cases.worlds import NOW, OPERATOR, PLATFORM, SECRET, World
from tests.links import NOT_AFTER, NOT_BEFORE, SIGNING
from tests.trio import ret_of
from vgigw import operations as ops
from vgigw.codec import json
from vgigw.crypto.link_keys import LinkKey, LinkKeys, Purpose
from vgigw.crypto.suite import Secrets
from vgigw.doors.rest.door import RestDoor
from vgigw.envelope import rest
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import TokenRequest
from vgigw.testing.loopback import doors_of

HOST = "http://platform.invalid"
PATH = f"/vgi/v1{ops.QUERY_TOKEN.path}"
TAG = f"vgigw-signed-1 intl QueryToken {OPERATOR} {PLATFORM}"


class Keys(foreign.HTTPSignatureKeyResolver):
    """The operator's private key, and the platform's public one."""

    def __init__(self, own: Any, peer: Any) -> None:
        self._own, self._peer = own, peer

    def resolve_private_key(self, key_id: str) -> Any:
        assert key_id.startswith(OPERATOR)
        return self._own

    def resolve_public_key(self, key_id: str) -> Any:
        assert key_id == f"{PLATFORM}/{SIGNING}"
        return self._peer


class Link:
    """A platform with `intl`, and an operator that signs by the foreign implementation."""

    def __init__(self, kind: str) -> None:
        make = Ed25519PrivateKey.generate if kind == "ed25519" else _rsa
        ours, theirs = make(), make()
        self.algorithm: Any = getattr(algorithms, "ED25519" if kind == "ed25519" else _RSA_NAME)
        self.resolver = Keys(theirs, ours.public_key())
        self.world = World(suite="intl")
        known: Any = self.world.served.identity.peers
        dates = (NOT_BEFORE, NOT_AFTER)
        keys = LinkKeys(
            own=[LinkKey(SIGNING, Purpose.SIGN, ours, *dates)],
            peer=[LinkKey(SIGNING, Purpose.SIGN, theirs.public_key(), *dates)],
            operator_secret=SECRET.encode(),
        )
        known[OPERATOR] = replace(known[OPERATOR], inbound=keys, outbound=keys)

    def request(self, **more: Any) -> requests.PreparedRequest:
        body = json.encode(TokenRequest(operator_id=OPERATOR, operator_secret=SECRET))
        headers = {
            "Content-Type": "application/json",
            "Content-Digest": rest.content_digest(body),
        }
        request = requests.Request("POST", HOST + PATH, headers=headers, data=body).prepare()
        said: dict[str, Any] = {"key_id": f"{OPERATOR}/{SIGNING}", "nonce": "n1", "tag": TAG}
        algorithm = more.pop("algorithm", self.algorithm)
        signer = foreign.HTTPMessageSigner(
            signature_algorithm=algorithm, key_resolver=more.pop("resolver", self.resolver)
        )
        signer.sign(
            request,
            covered_component_ids=("@method", "@path", "content-digest"),
            use_existing_digest=True,
            created=NOW,
            **said | more,
        )
        return request

    def received(self, request: requests.PreparedRequest) -> WireAnswer:
        body: Any = request.body
        wire = WireRequest(
            method="POST",
            path=PATH,
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=body if isinstance(body, bytes) else body.encode(),
            transport=Transport.LOOPBACK,
        )
        door = next(d for d in doors_of(self.world.served).values() if isinstance(d, RestDoor))
        return self.world.served.receive(door, wire, NOW)


_RSA_NAME = "RSA_PSS_SHA512"


def _rsa() -> Any:
    return generate_private_key(65537, 2048)


@pytest.fixture(params=["ed25519", "rsa-pss-sha512"], scope="module")
def link(request: pytest.FixtureRequest) -> Link:
    return Link(str(request.param))


def test_plt_10_3b_what_a_foreign_signer_signed_is_taken_and_our_answer_verified(
    link: Link,
) -> None:
    request = link.request()
    answer = link.received(request)
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response._content = answer.body
    response.request = request
    verifier = foreign.HTTPMessageVerifier(
        signature_algorithm=link.algorithm, key_resolver=link.resolver
    )

    found: Any = verifier.verify(response, max_age=None)

    assert ret_of(answer) == 0
    assert answer.status == 200
    assert found[0].parameters["tag"] == f"vgigw-signed-1 intl QueryToken {PLATFORM} {OPERATOR}"
    response.status_code = 203
    with pytest.raises(foreign.InvalidSignature):
        verifier.verify(response, max_age=None)


def test_the_algorithm_need_not_be_said_as_the_key_tells_it(link: Link) -> None:
    assert ret_of(link.received(link.request(include_alg=False))) == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tag": None}, 4001),
        ({"tag": TAG.replace("intl", "gm")}, 4001),
        ({"tag": TAG.replace("QueryToken", "QueryTime")}, 4001),
        ({"tag": TAG.replace(PLATFORM, "700000007")}, 4001),
        ({"tag": TAG.replace(OPERATOR, "987654321")}, 4001),
        ({"tag": TAG + " "}, 4001),
        ({"nonce": None}, 4001),
        ({"key_id": f"{OPERATOR}/"}, 4001),
        ({"key_id": f"{OPERATOR}/other"}, 4001),
    ],
    ids=str,
)
def test_all_that_the_exchange_is_must_be_said_and_be_so(
    link: Link, more: dict[str, Any], code: int
) -> None:
    assert ret_of(link.received(link.request(**more))) == code


def test_card_5_the_key_on_record_chooses_the_algorithm_and_not_the_message(link: Link) -> None:
    """The oldest trick: a digest keyed with the public key, which everybody has."""
    secret = b"the public key, in whatever form"

    class Confused(foreign.HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> bytes:
            return secret

        def resolve_public_key(self, key_id: str) -> bytes:
            return secret

    forged = link.request(algorithm=algorithms.HMAC_SHA256, resolver=Confused())
    assert ret_of(link.received(forged)) == 4001
    forged = link.request(
        algorithm=algorithms.HMAC_SHA256, resolver=Confused(), key_id=OPERATOR, tag=None
    )
    assert ret_of(link.received(forged)) == 4001


def test_card_5_an_algorithm_that_is_not_the_keys_is_refused_even_when_the_key_signed() -> None:
    link = Link("ed25519")

    class Mislabelled(algorithms.ED25519):
        algorithm_id = "rsa-pss-sha512"

    assert ret_of(link.received(link.request(algorithm=Mislabelled))) == 4001
    assert ret_of(link.received(link.request())) == 0


def test_a_secret_in_common_is_never_said_to_be_a_key() -> None:
    world = World()
    assert isinstance(world.served.identity.peers[OPERATOR].inbound, Secrets)
    strange = Link("ed25519")
    strange.world = world

    class InCommon(foreign.HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> bytes:
            return SECRET.encode()

        def resolve_public_key(self, key_id: str) -> bytes:
            return SECRET.encode()

    by_secret = {"algorithm": algorithms.HMAC_SHA256, "resolver": InCommon(), "tag": None}
    assert ret_of(strange.received(strange.request())) == 4001
    assert ret_of(strange.received(strange.request(**by_secret))) == 4001
    assert ret_of(strange.received(strange.request(**by_secret, key_id=OPERATOR))) == 0
