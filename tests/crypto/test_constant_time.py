"""Nothing secret is compared with ``==``: F84, ASVS 11.2.4."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vgigw.crypto

SECRET = re.compile(
    r"mac\b|digest|signature$|tag$|secret|passphrase|plaintext|masked|expected|sig$|scalar|token"
)
PUBLIC = {
    # Of a curve, an algorithm or a length, and known to whoever sees the message.
    "len(scalar) != NUMBER_BYTES",
    "1 <= number(scalar) <= N - 2",
    "(digest + point[0]) % N != signature.r",
    "len(self.digest) == NUMBER_BYTES",
    "said.tag != exchange.tag(signing.name)",
    "provider.decrypt(key, _CIPHERTEXT) == b'encryption standard'",
    # What libcrypto says of how it went.
    "begin(context, byref(settings), self._digest, None, key.pointer) == _OK",
    "lib.BN_bn2binpad(number, scalar, NUMBER_BYTES) == NUMBER_BYTES",
}


def comparisons(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        is_equality = isinstance(node, ast.Compare) and any(
            isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops
        )
        names = (
            getattr(part, "id", None) or getattr(part, "attr", None) or ""
            for part in ast.walk(node)
        )
        if is_equality and any(SECRET.search(name) for name in names):
            yield ast.unparse(node)


@pytest.mark.parametrize(
    "source", sorted(Path(vgigw.crypto.__path__[0]).glob("*.py")), ids=lambda path: path.name
)
def test_secrets_are_compared_in_constant_time(source: Path) -> None:
    assert not set(comparisons(source.read_text("utf-8"))) - PUBLIC


@pytest.mark.parametrize(
    "careless",
    ["mac == given", "self.sign(m) != signature", "a.digest == b.digest", "bytes(sig) in known"],
)
def test_careless_comparison_is_found(careless: str) -> None:
    assert list(comparisons(careless)) == [careless]
