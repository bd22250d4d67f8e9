"""By which files we call a peer over TLS. PLT-10.3a."""

from __future__ import annotations

from pathlib import Path

import msgspec


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """PEM files: our certificate (its chain behind it) and its private key, the authorities that
    the peer's certificate has to come from (None = those of the system), and the lists of what
    they revoked (None = revocation is not looked at)."""

    certificate: Path | None = None
    certificate_key: Path | None = None
    authorities: Path | None = None
    revocations: Path | None = None

    @property
    def named(self) -> tuple[Path, ...]:
        """The files that there are."""
        files = (self.certificate, self.certificate_key, self.authorities, self.revocations)
        return tuple(file for file in files if file is not None)


SYSTEM = TlsFiles()
"""No certificate of ours, and the authorities of the system."""
