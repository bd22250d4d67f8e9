"""Kills a served gateway under load, again and again, and looks for what was lost or done twice.

::

    python -m vgigw.testing.crash --kills 50 --json

The gateway is a real one: ``vgigw.server.serve`` in processes of its own, on a free port of
loopback, on the embedded store. Peers talk to it through the doors; a message counts as
acknowledged when its success was opened and found genuine. After each kill the gateway is started
again and what had no answer is sent again, the same message in a new envelope. CARD-6, PLT-7.6b.

=================== ==============================================================
``acts``            one message, and the key under which the store must hold it
``load``            the messages of each lane: telemetry, states, archives, commands
``lane``            sends them one after the other and keeps what was acknowledged
``stored``          what the store's file holds, read without changing it
``verdict``         the comparison
``run``             the whole, and its report
=================== ==============================================================
"""

from vgigw.testing.crash.run import Report, Run, Settings

__all__ = ["Report", "Run", "Settings"]
