"""The shift between WGS-84 and GCJ-02, as it is publicly known, and back by iteration.

GCJ-02 is the datum of Chinese maps: WGS-84 moved by some hundred metres, by a smooth function of
the place. Its text is not published; the function below is the one that open-source mapping tools
have shared since 2013 (``eviltransform``, ``coordtransform``), on the ellipsoid of Krasovsky 1940.
Outside a box around China there is no shift. Degrees in and out. 2.0(4).
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_WEST, _EAST = 72.004, 137.8347
_SOUTH, _NORTH = 0.8293, 55.8271
_CLOSE_ENOUGH = 1e-9
"""A tenth of a millimetre on the ground."""
_MOST_STEPS = 20
"""Each step gains three digits or so; two to four are needed."""


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """GCJ-02 of a WGS-84 position."""
    if not (_WEST <= longitude <= _EAST and _SOUTH <= latitude <= _NORTH):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    phi = latitude / 180.0 * pi
    curvature = 1 - _ECCENTRICITY_SQUARED * sin(phi) ** 2
    north_m, east_m = _north_m(x, y), _east_m(x, y)
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (curvature * sqrt(curvature))
    parallel_m = _SEMI_MAJOR_M / sqrt(curvature) * cos(phi)
    return (
        longitude + east_m * 180.0 / (parallel_m * pi),
        latitude + north_m * 180.0 / (meridian_m * pi),
    )


def to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """WGS-84 of a GCJ-02 position: the place whose shift ends there."""
    east, north = longitude, latitude
    for _ in range(_MOST_STEPS):
        shifted_east, shifted_north = to_gcj02(east, north)
        off_east, off_north = longitude - shifted_east, latitude - shifted_north
        east, north = east + off_east, north + off_north
        if max(abs(off_east), abs(off_north)) < _CLOSE_ENOUGH:
            break
    return east, north


def _waves(value: float, terms: tuple[tuple[float, float], ...]) -> float:
    return sum(height * sin(value * number * pi) for height, number in terms) * 2.0 / 3.0


_FINE = ((20.0, 6.0), (20.0, 2.0))


def _north_m(x: float, y: float) -> float:
    plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    coarse = ((20.0, 1.0), (40.0, 1.0 / 3.0), (160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0))
    return plain + _waves(x, _FINE) + _waves(y, coarse)


def _east_m(x: float, y: float) -> float:
    plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    coarse = ((20.0, 1.0), (40.0, 1.0 / 3.0), (150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0))
    return plain + _waves(x, _FINE) + _waves(x, coarse)
