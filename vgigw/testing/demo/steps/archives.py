"""Step: tokens upwards, and the archives of all stations pushed and read back. ACC-5.7, ACC-7.1."""

from __future__ import annotations

from vgigw.objects.operating_enumerations import Success
from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.stage import Stage


def push_archives(stage: Stage) -> Outcome:
    """Every archive that was pushed over T/CEC 102 is read over SOAP as it was pushed."""
    token = stage.operator.ask_token()
    stage.dispatch.connect(stage.gateway.url)
    pushed = {station.station_id: station for station in stage.operator.push_archives()}
    stored = stage.dispatch.stations()
    equal = sum(pushed.get(station.station_id) == station for station in stored)
    given = token.succ_stat is Success.OK
    return Outcome(
        passed=given and len(pushed) == len(stored) == equal == stage.load.stations,
        found=f"tokens given to operator and dispatch; {len(pushed)} archives pushed, "
        f"{equal} read back equal by dispatch over SOAP",
        expected=f"a token each, {stage.load.stations} archives read back equal",
    )
