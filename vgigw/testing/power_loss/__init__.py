"""A disk that forgets what was not synced, and one that fails: for tests of durability.

A kill cannot tell a store that syncs from one that does not, since the system keeps what a dead
process wrote. This can.
"""

from __future__ import annotations

from vgigw.testing.power_loss.disk import ForgetfulDisk, NoCompiler, fault

__all__ = ["ForgetfulDisk", "NoCompiler", "fault"]
