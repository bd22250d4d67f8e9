"""What a platform computes on top of the objects, plainly: the defaults of its functions."""

from vgigw.platform_functions.decompose import decompose
from vgigw.platform_functions.evaluate import evaluate
from vgigw.platform_functions.forecast import forecast
from vgigw.platform_functions.gate import gate
from vgigw.platform_functions.settle import settle
from vgigw.platform_functions.station_statistics import station_statistics
from vgigw.ports import Functions


def plain() -> Functions:
    """Every function with its plain default; replace what the embedding system knows better."""
    return Functions(
        decompose=decompose,
        forecast=forecast,
        gate=gate,
        evaluate=evaluate,
        station_statistics=station_statistics,
        settle=settle,
    )
