"""The floor as a process of its own: granian with nothing but a bare WSGI application."""

from __future__ import annotations

import sys

from vgigw.testing.bench.scene import DoorName


def command(door: DoorName, port: int, threads: int) -> list[str]:
    """The command line that serves the floor of ``door``; it stores in ``FLOOR_STATE``."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--no-log"),
        *("--host", "127.0.0.1", "--port", str(port), "--blocking-threads", str(threads)),
        *("--factory", f"vgigw.testing.bench.floor_{door}:application"),
    ]
