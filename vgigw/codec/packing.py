"""Compression of what rests in the store: zstd level 1, one frame a message."""

from __future__ import annotations

import threading

import zstandard

DAMAGED = zstandard.ZstdError
"""What :func:`unpack` raises for a frame that is not what was packed."""

_MOST_BYTES = 256 * 1024 * 1024


class _Contexts(threading.local):
    """zstandard contexts serve one thread at a time."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def pack(canonical: bytes) -> bytes:
    """The compressed form of a canonical object."""
    return _contexts.compressor.compress(canonical)


def unpack(packed: bytes) -> bytes:
    """The canonical object again; raises ``zstandard.ZstdError`` for a damaged frame."""
    return _contexts.decompressor.decompress(packed, max_output_size=_MOST_BYTES)
