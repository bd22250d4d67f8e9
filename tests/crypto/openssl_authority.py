"""Keys, requests, authorities and certificates by the ``openssl`` program, for each kind of key."""

from __future__ import annotations

from pathlib import Path

from tests.crypto.sm2_providers import openssl
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.pem import (
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    ENCRYPTED_PRIVATE_KEY,
    der_of_pem,
    pem_of_der,
)

USER_ID = "distid:1234567812345678"
GENKEY = {
    Algorithm.SM2: ("EC", "-pkeyopt", "ec_paramgen_curve:sm2"),
    Algorithm.RSA: ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    Algorithm.ED25519: ("ED25519",),
}
SIGNING = {Algorithm.SM2: ("-sm3", "-sigopt", USER_ID), Algorithm.RSA: ("-sha256",)}


def done(*command: object) -> str:
    """What the program says, on both streams; it must not fail."""
    ran = openssl(*map(str, command))
    text = (ran.stdout + ran.stderr).decode()
    assert ran.returncode == 0, text
    return text


class OpensslParty:
    """Somebody who keeps a key, and perhaps a certificate, with ``openssl`` alone."""

    def __init__(self, folder: Path, name: str, algorithm: Algorithm) -> None:
        self.folder, self.name, self.algorithm = folder, name, algorithm
        self.key, self.pem = str(folder / f"{name}.key"), folder / f"{name}.pem"
        done("genpkey", "-algorithm", *GENKEY[algorithm], "-out", self.key)

    @property
    def signing(self) -> tuple[str, ...]:
        return SIGNING.get(self.algorithm, ())

    @property
    def certificate(self) -> bytes:
        return der_of_pem(self.pem.read_text(), CERTIFICATE)

    def become_authority(self, *uses: str) -> None:
        """A certificate by itself, that says what an authority's must, and more ``uses``."""
        usage = ",".join(("critical", "keyCertSign", *uses))
        done(
            *("req", "-x509", "-new", "-key", self.key, "-out", str(self.pem), "-days", "30"),
            *("-subj", f"/O=Somebody/CN={self.name}", *self.signing),
            *("-addext", f"keyUsage={usage}"),
        )

    def request(self, *more: str) -> bytes:
        """A request in DER, whose common name is ours."""
        out = self.folder / f"{self.name}.csr"
        done(
            *("req", "-new", "-key", self.key, "-out", str(out), *self.signing),
            *("-subj", f"/CN={self.name}", *more),
        )
        return der_of_pem(out.read_text(), CERTIFICATE_REQUEST)

    def certify(self, request: bytes, *says: str) -> bytes:
        """A certificate in DER by this authority."""
        names = ("request", "certificate", "extensions")
        csr, out, extensions = (self.folder / f"{name}-{self.name}" for name in names)
        csr.write_text(pem_of_der(request, CERTIFICATE_REQUEST))
        extensions.write_text("\n".join(("basicConstraints=CA:FALSE", *says)))
        done(
            *(
                "x509",
                "-req",
                "-in",
                str(csr),
                "-CA",
                str(self.pem),
                "-CAkey",
                self.key,
                "-days",
                "20",
            ),
            *(
                "-out",
                str(out),
                "-extfile",
                str(extensions),
                *self.signing,
                *of_signer(self.algorithm),
            ),
        )
        return der_of_pem(out.read_text(), CERTIFICATE)

    def encrypted(self, cipher: str, passphrase: str) -> bytes:
        """The private key as encrypted PKCS#8 in DER."""
        return der_of_pem(
            done(
                "pkcs8", "-topk8", "-in", self.key, "-v2", cipher, "-passout", f"pass:{passphrase}"
            ),
            ENCRYPTED_PRIVATE_KEY,
        )


def of_signer(algorithm: Algorithm) -> tuple[str, ...]:
    """SM2 is verified by the user id of its signer; for others such a word is an error."""
    return ("-vfyopt", USER_ID) if algorithm is Algorithm.SM2 else ()


def verified(folder: Path, by: Algorithm, authority: bytes, certificate: bytes) -> str:
    """What ``openssl verify -x509_strict`` says of a certificate; it must accept it."""
    ca, leaf = folder / "verify-ca.pem", folder / "verify.pem"
    ca.write_text(pem_of_der(authority, CERTIFICATE))
    leaf.write_text(pem_of_der(certificate, CERTIFICATE))
    return done("verify", "-x509_strict", "-CAfile", ca, *of_signer(by), leaf)
