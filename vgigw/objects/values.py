"""The value types of members: width, range, places and unit, each named once. ACC-4.1.

``float`` is a measurement, ``Decimal`` an exact quantity with a fixed number of places (2.0(4) of
the object catalogue). Bounds that msgspec cannot check on a ``Decimal`` stand in ``extra`` and are
checked by :mod:`vgigw.codec.settle`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

DECIMAL_LIMIT = 10**12
"""Largest magnitude of any exact quantity; a larger one is a fault of the sender."""

SEQUENCE_LIMIT = 2**63 - 1

Instant = Annotated[datetime, Meta(extra={"unit": "time"})]
"""Aware datetime, UTC inside, resolved to a millisecond; without offset on the wire = Beijing."""
Day = Annotated[date, Meta(extra={"unit": "date"})]

Fixed2 = Annotated[str, Meta(min_length=2, max_length=2)]
Fixed4 = Annotated[str, Meta(min_length=4, max_length=4)]
Fixed6 = Annotated[str, Meta(min_length=6, max_length=6)]
Fixed14 = Annotated[str, Meta(min_length=14, max_length=14)]
Fixed17 = Annotated[str, Meta(min_length=17, max_length=17)]
Fixed18 = Annotated[str, Meta(min_length=18, max_length=18)]
AreaCode = Annotated[str, Meta(min_length=6, max_length=20)]
Text8 = Annotated[str, Meta(min_length=1, max_length=8)]
Text10 = Annotated[str, Meta(min_length=1, max_length=10)]
Text16 = Annotated[str, Meta(min_length=1, max_length=16)]
Text18 = Annotated[str, Meta(min_length=1, max_length=18)]
Text20 = Annotated[str, Meta(min_length=1, max_length=20)]
Text23 = Annotated[str, Meta(min_length=1, max_length=23)]
Text26 = Annotated[str, Meta(min_length=1, max_length=26)]
Text27 = Annotated[str, Meta(min_length=1, max_length=27)]
Text30 = Annotated[str, Meta(min_length=1, max_length=30)]
Text32 = Annotated[str, Meta(min_length=1, max_length=32)]
Text40 = Annotated[str, Meta(min_length=1, max_length=40)]
Text50 = Annotated[str, Meta(min_length=1, max_length=50)]
Text64 = Annotated[str, Meta(min_length=1, max_length=64)]
Text100 = Annotated[str, Meta(min_length=1, max_length=100)]
Text128 = Annotated[str, Meta(min_length=1, max_length=128)]
Text200 = Annotated[str, Meta(min_length=1, max_length=200)]
Text255 = Annotated[str, Meta(min_length=1, max_length=255)]
Text256 = Annotated[str, Meta(min_length=1, max_length=256)]
Text1024 = Annotated[str, Meta(min_length=1, max_length=1024)]
Text4096 = Annotated[str, Meta(min_length=1, max_length=4096)]
Text65536 = Annotated[str, Meta(min_length=1, max_length=65_536)]
Prose = Annotated[str, Meta(max_length=200)]
"""May be empty: the Msg of an answer."""
Cipher = Annotated[str, Meta(max_length=16_777_216)]
"""Base64 of a sealed payload; empty where there is none."""

Sealed = Annotated[str, Meta(min_length=1, max_length=16_777_216)]
"""Base64 of a sealed payload that must be there."""

OperatorCode = Annotated[str, Meta(min_length=9, max_length=18)]
"""9-character organisation code, or 18-character unified social credit code. 2.0(12)."""

OPERATOR_CODE = r"^[A-Za-z0-9]{9,18}\Z"
"""What both kinds of code are written in: the form of an id that a message can name."""

PartyCode = Annotated[str, Meta(min_length=1, max_length=64)]
"""An operator code, or the pseudonym of a vehicle where the party is a user."""

ReturnCode = Annotated[int, Meta(ge=-1, le=99_999)]
ReasonCode = Annotated[int, Meta(ge=0, le=99)]
"""0 none; the low ones are T/CEC 102's, the rest to 99 the peer's own."""
Sequence = Annotated[int, Meta(ge=1, le=SEQUENCE_LIMIT)]
Watermark = Annotated[int, Meta(ge=0, le=SEQUENCE_LIMIT)]
"""A sequence number, or 0 where none has come yet."""
Count = Annotated[int, Meta(ge=0, le=2_147_483_647)]
SegmentNo = Annotated[int, Meta(ge=1, le=10)]
RoundNo = Annotated[int, Meta(ge=1, le=1000)]
Version = Annotated[int, Meta(ge=0, le=SEQUENCE_LIMIT)]
Page = Annotated[int, Meta(ge=1, le=1_000_000)]
PageSize = Annotated[int, Meta(ge=1, le=1000)]
QualityBits = Annotated[int, Meta(ge=0, lt=4096)]
Minutes = Annotated[int, Meta(ge=0, le=10_080, extra={"unit": "min"})]
Seconds = Annotated[int, Meta(ge=0, le=604_800, extra={"unit": "s"})]
Period = Annotated[int, Meta(ge=1, le=60, extra={"unit": "s"})]
ControlInterval = Annotated[int, Meta(ge=1, le=15, extra={"unit": "min"})]
PlanInterval = Annotated[int, Meta(ge=1, le=60, extra={"unit": "min"})]
Volts = Annotated[int, Meta(ge=0, le=1_000_000, extra={"unit": "V"})]
Amperes = Annotated[int, Meta(ge=0, le=1_000_000, extra={"unit": "A"})]
MessageRate = Annotated[int, Meta(ge=1, le=1_000_000, extra={"unit": "msg/s"})]
TariffPeriodCount = Annotated[int, Meta(ge=0, le=32)]
SignalLevel = Annotated[int, Meta(ge=0, le=3)]
NetworkPort = Annotated[int, Meta(ge=1, le=65_535)]
Days = Annotated[int, Meta(ge=0, le=36_525, extra={"unit": "d"})]
RiskScore = Annotated[int, Meta(ge=0, le=100)]
SchemeStep = Annotated[int, Meta(ge=1, le=60, extra={"unit": "min"})]
Depth = Annotated[int, Meta(ge=0, le=32)]

POWER_UNITS = frozenset({"kW", "kvar", "kVA", "kW/min"})
ENERGY_UNITS = frozenset({"kWh", "kW or kWh"})
"""With the powers: units that a peer may speak in thousands of (MW, Mvar, MVA, MWh). 2.0(3)."""

_EAST = {"places": 6, "ge": -180, "le": 180, "unit": "°", "axis": "longitude"}
_NORTH = {"places": 6, "ge": -90, "le": 90, "unit": "°", "axis": "latitude"}
Longitude = Annotated[Decimal, Meta(extra=_EAST)]
Latitude = Annotated[Decimal, Meta(extra=_NORTH)]
Kilowatt = Annotated[Decimal, Meta(extra={"places": 3, "unit": "kW", "polarity": "signed"})]
"""Signed by PolarityMode: the other polarity says the same with the other sign. 2.0(5)."""
DirectedKilowatt = Annotated[Decimal, Meta(extra={"places": 3, "unit": "kW"})]
"""Its own name says which way is positive (a load, a ceiling of load), whatever the polarity."""
KilowattMagnitude = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "kW"})]
KilowattPositive = Annotated[Decimal, Meta(extra={"places": 3, "gt": 0, "unit": "kW"})]
SmallestStep = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "le": 1, "unit": "kW"})]
KilowattRating = Annotated[Decimal, Meta(extra={"places": 1, "gt": 0, "unit": "kW"})]
KilowattAbility = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "kW"})]
Kilovar = Annotated[Decimal, Meta(extra={"places": 3, "unit": "kvar", "polarity": "signed"})]
"""Signed by PolarityMode, as active power. 2.0(8)."""
DirectedKilovar = Annotated[Decimal, Meta(extra={"places": 3, "unit": "kvar"})]
"""Its own description says which way is positive."""
KilovarAbility = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "kvar"})]
KilovoltAmpere = Annotated[Decimal, Meta(extra={"places": 3, "gt": 0, "unit": "kVA"})]
KilovoltAmpereMagnitude = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "kVA"})]
KilovoltAmpereRating = Annotated[Decimal, Meta(extra={"places": 1, "gt": 0, "unit": "kVA"})]
KilowattPerMinute = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "kW/min"})]
KilowattHour = Annotated[Decimal, Meta(extra={"places": 3, "unit": "kWh"})]
KilowattHourRating = Annotated[Decimal, Meta(extra={"places": 1, "gt": 0, "unit": "kWh"})]
KilowattHourAbility = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "kWh"})]
KilowattHourPerKilometre = Annotated[Decimal, Meta(extra={"places": 3, "gt": 0, "unit": "kWh/km"})]
MeterReading = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "kWh"})]
KilowattHourMagnitude = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "kWh"})]
SessionEnergy = Annotated[Decimal, Meta(extra={"places": 2, "ge": 0, "unit": "kWh"})]
StatisticEnergy = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "kWh"})]
_QUANTITY = {"places": 3, "unit": "kW or kWh", "polarity": "signed"}
MarketQuantity = Annotated[Decimal, Meta(extra=_QUANTITY)]
"""Signed by the polarity of the resource; QuantityUnit beside it says which unit. 2.0(5)."""
PowerFactor = Annotated[Decimal, Meta(extra={"places": 3, "ge": -1, "le": 1})]
PowerFactorMagnitude = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "le": 1})]
UnitPrice = Annotated[Decimal, Meta(extra={"places": 4, "unit": "CNY/kWh"})]
Money = Annotated[Decimal, Meta(extra={"places": 2, "unit": "CNY"})]
"""Signed: a payment to the aggregator or user is positive. 2.0(14)."""
MoneyMagnitude = Annotated[Decimal, Meta(extra={"places": 2, "ge": 0, "unit": "CNY"})]
UnitPriceMagnitude = Annotated[Decimal, Meta(extra={"places": 4, "ge": 0, "unit": "CNY/kWh"})]
Percent = Annotated[Decimal, Meta(extra={"places": 2, "ge": 0, "le": 100, "unit": "%"})]
Score = Annotated[Decimal, Meta(extra={"places": 2, "ge": 0, "le": 100})]
ScoreContribution = Annotated[Decimal, Meta(extra={"places": 2, "ge": -100, "le": 100})]
StateOfCharge = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "le": 100, "unit": "%"})]
DischargeFloor = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "le": 100, "unit": "%"})]
Delay = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "s"})]
MeasuredVolt = Annotated[Decimal, Meta(extra={"places": 1, "unit": "V"})]
MeasuredAmpere = Annotated[Decimal, Meta(extra={"places": 1, "unit": "A"})]
AmpereAbility = Annotated[Decimal, Meta(extra={"places": 1, "ge": 0, "unit": "A"})]
AmpereRating = Annotated[Decimal, Meta(extra={"places": 1, "gt": 0, "unit": "A"})]
Ohm = Annotated[Decimal, Meta(extra={"places": 6, "ge": 0, "unit": "Ω"})]
HertzMagnitude = Annotated[Decimal, Meta(extra={"places": 3, "ge": 0, "unit": "Hz"})]
VoltageLimit = Annotated[Decimal, Meta(extra={"places": 4, "ge": 0})]
"""In the unit that VoltageUnit beside it says."""
Share = Annotated[Decimal, Meta(extra={"places": 6, "gt": 0, "le": 1})]
Ratio = Annotated[Decimal, Meta(extra={"places": 6, "ge": 0, "le": 1})]
ExactNumber = Annotated[Decimal, Meta(extra={"places": 6})]
"""A number whose unit is said beside it."""
Efficiency = Annotated[Decimal, Meta(extra={"places": 3, "gt": 0, "le": 1})]
PreferenceWeight = Annotated[Decimal, Meta(extra={"places": 2, "ge": 0, "le": 1})]
Probability = Annotated[Decimal, Meta(extra={"places": 4, "ge": 0, "le": 1})]
MetrePerSecondSquared = Annotated[Decimal, Meta(extra={"places": 2, "gt": 0, "unit": "m/s²"})]
KilometrePerHour = Annotated[Decimal, Meta(extra={"places": 2, "gt": 0, "unit": "km/h"})]
Metre = Annotated[Decimal, Meta(extra={"places": 2, "gt": 0, "unit": "m"})]

_LIMIT = float(DECIMAL_LIMIT)
Measured = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT)]
_SIGNED_POWER = {"unit": "kW", "polarity": "signed"}
_SIGNED_REACTIVE = {"unit": "kvar", "polarity": "signed"}
MeasuredPower = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT, extra=_SIGNED_POWER)]
MeasuredDirectedPower = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT, extra={"unit": "kW"})]
"""Its own name says which way is positive (a load, an output), whatever the polarity."""
MeasuredMagnitude = Annotated[float, Meta(ge=0, le=_LIMIT, extra={"unit": "kW"})]
MeasuredReactive = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT, extra=_SIGNED_REACTIVE)]
MeasuredRate = Annotated[float, Meta(ge=0, le=_LIMIT, extra={"unit": "kW/min"})]
MeasuredVoltage = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT, extra={"unit": "V"})]
MeasuredCurrent = Annotated[float, Meta(ge=-_LIMIT, le=_LIMIT, extra={"unit": "A"})]
MeasuredPercent = Annotated[float, Meta(ge=0, le=100, extra={"unit": "%"})]
MeasuredTemperature = Annotated[float, Meta(ge=-273.15, le=2000, extra={"unit": "°C"})]
MeasuredFrequency = Annotated[float, Meta(ge=0, le=1000, extra={"unit": "Hz"})]
MeasuredFactor = Annotated[float, Meta(ge=-1, le=1)]
RawValues = Annotated[dict[Text40, Measured], Meta(extra={"keys": "members"})]
"""By the wire names of other members of the object, in their units and polarity."""
