"""Exchange by file: what was announced, by whom to whom, and whether it was taken. PLT-7.1a."""

from __future__ import annotations

from datetime import datetime

from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.objects import FileAck, FileManifest, Receipt
from vgigw.operations import ACK_FILE, NOTIFY_FILE
from vgigw.ports import Call, Identity, Transaction

MANIFESTS = Shelf(FileManifest, key=("file_name", "hash"), version=None)
ACKS = Shelf(FileAck, key=("file_name", "hash"), version=None)


class Files:
    """Handlers of manifests and their acknowledgements. The file itself goes its own way."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(NOTIFY_FILE)
    def hear(self, call: Call, tx: Transaction) -> Receipt:
        manifest: FileManifest = call.request
        MANIFESTS.take(call, tx, call.peer.operator_id)
        return receipt(call, manifest.file_name[:128])

    @authors(NOTIFY_FILE)
    def announce(
        self, manifest: FileManifest, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """Kept by whom it was announced to: only that party can acknowledge it."""
        MANIFESTS.keep(manifest, _ours(self._identity, destination), tx, now)

    @handles(ACK_FILE)
    def acknowledge(self, call: Call, tx: Transaction) -> Receipt:
        """Of a file that we announced to the sender. Raises ``UnknownObject`` for any other."""
        ack: FileAck = call.request
        MANIFESTS.get(tx, _ours(self._identity, call.peer.operator_id), ACKS.key_of(ack))
        ACKS.take(call, tx, call.peer.operator_id)
        return receipt(call, ack.file_name[:128])


def _ours(identity: Identity, peer: str) -> str:
    return f"{identity.operator_id}>{peer}"
