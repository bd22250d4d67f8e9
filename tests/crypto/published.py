"""Published messages of T/CEC 102 and two of our own, as they stand on the wire."""

from __future__ import annotations

from typing import NamedTuple

from vgigw.crypto.suite import Secrets

EXAMPLE = "1234567890abcdef"
SECRETS = Secrets.of(
    operator_secret=EXAMPLE, data_secret=EXAMPLE, data_secret_iv=EXAMPLE, sig_secret=EXAMPLE
)


class Sealed(NamedTuple):
    """Plaintext, its ciphertext in base64, what stands round the ciphertext, its signature."""

    plaintext: str
    data: str
    signed: str
    signature: str


V1 = Sealed(
    plaintext=(
        '{"total":1,"stationStatusInfo":{"operationID":"123456789","stationID":"111111111111111",'
        '"connectorStatusInfos":{"connectorID":1,"equipmentID":"10000000000000000000001",'
        '"status":4,"currentA":0,"currentB":0,"currentC":0,"voltageA":0,"voltageB":0,'
        '"voltageC":0,"soc":10,}}}'
    ),
    data=(
        "il7B0BSEjFdzpyKzfOFpvg/Se1CP802RItKYFPfSLRxJ3jf0bVl9hvYOEktPAYW2nd7S8MBcyHYyacHKbISq5iTm"
        "DzG+ivnR+SZJv3USNTYVMz9rCQVSxd0cLlqsJauko79NnwQJbzDTyLooYoIwz75qBOH2/xOMirpeEqRJrF/EQjWe"
        "kJmGk9RtboXePu2rka+Xm51syBPhiXJAq0GfbfaFu9tNqs/e2Vjja/ltE1M0lqvxfXQ6da6HrThsm5id4ClZFIi0"
        "acRfrsPLRixS/IQYtksxghvJwbqOsbIsITail9Ayy4tKcogeEZiOO+4Ed264NSKmk7l3wKwJLAFjCFogBx8GE3OB"
        "z4pqcAn/ydA="
    ),
    signed="123456789{data}201607291424000001",
    signature="745166E8C43C84D37FFEC0F529C4136F",
)
"""T/CEC 102.4-2016, annexes B and C."""

V2 = Sealed(
    plaintext='{"OperatorID":"123456789",\n"OperatorSecret":"1234567890abcdef"}',
    data=(
        "mYvffpNoFf4E/ZTC1tOw41TC5OlkEobfAYCm5N8hEusaLUaUIqOrXtdbMrSck0DSmfM7mRuOGMoCQzH0nWPGuw=="
    ),
    signed="123456789{data}201801201657550001",
    signature="D2D584A14F3F284445DF85D0E8C0697C",
)
"""A token request."""

V3 = Sealed(
    plaintext=(
        '{\r\n  "OperatorID": "123456789",\r\n  "SuccStat": 0,\r\n  "AccessToken": '
        '"kVnStIRknCCOBdXgJrmu8rb3pcccifKW2NcQrysKKIzb7iQBxkkjeq3WoGdjgrIL",\r\n'
        '  "TokenAvailableTime": 7200,\r\n  "FailReason": 0\r\n}'
    ),
    data=(
        "uxeKP0ezR5yL8xSg4/ZCDh/N91/u86NXFxd2DrwZVW8zCPYcpl59Twz/yQZ3RaO4rDDrGmkvQignmNEJ+k4PGxdm"
        "IC+4fpJ8rU6osSobY+AeA0uueuQ5+eQiWBL6p6v5XMMm91brtK8yfFELYUWQzVcxABnAwK/+dyxtUhqLIxUpkwTE"
        "U/4ktN40df9IzzlLO5uvUknPGYu9yL0pp5w9vdRxmA1RiiTDNCysz6klr9bunGV3VJa2qpLcgeZMf/oG"
    ),
    signed="0{data}",
    signature="58E52010C7DEE87FE183B0AFA5B2BE30",
)
"""The answer to a token request: Ret, an empty Msg, Data."""

O1 = Sealed(
    plaintext='{"StationName":"中电联示例站","StationID":"000000000000001"}',
    data=(
        "FKIbl35bwQu0F/N14lkbz7uNHKGZZ1sB2DUPl4qtXj4dmdizjF9n1uC68eRmDocmtIvCDO03wbEk7jm6m45vc+Vp"
        "VZrwUJCBiSvtFgqyum8="
    ),
    signed="123456789{data}202611202359590001",
    signature="2EE90165D7E0B3FEA26AC94188E04684",
)
"""Chinese text."""

O3_DATA = (
    "2tSToN5VtyDZ5920kyFaUJfr64o2b4Splx6PM0SfE7bLO2gcqkdFaSNfD00MqVu7GpfSeqY4MAs+8Ogkn90VqQFeF8NY"
    "ye+U00Il1+UTKYI="
)
"""``O1``'s plaintext with SM4."""

O3_SIGNATURE = "5846C5C696C2EC6379E8E20118373FFB77A72F773C079AB11A44483B2FDF9D73"
"""HMAC-SM3 over the same concatenation as ``O1``, with ``O3_DATA`` for Data."""
