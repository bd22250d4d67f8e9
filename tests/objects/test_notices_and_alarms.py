"""Notices, price signals and alarms against the catalogue. PLT-8.6, PLT-6.8b, PLT-7.9c."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum

import msgspec
import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec import json
from vgigw.errors import InvalidObject
from vgigw.objects import alarms, notices
from vgigw.objects.alarms import AlarmClear, AlarmEvent, AlarmObjectKind, AlarmPage, AlarmQuery
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.notices import (
    EVERYBODY,
    NoticeKind,
    NoticeReceipt,
    PolicyNotice,
    PricePoint,
    PriceSignal,
    Reading,
)

T0 = datetime(2026, 11, 20, 16, tzinfo=UTC)

ADDRESSED = """
NoticeID S(40) R
EffectiveFrom T R
EffectiveTo T O
Audience L<S(18)>[1,1000] R
"""
ACKNOWLEDGED = """
AckBy S(64) O SEN
AckTime T O
Detail S(1024) O
"""

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    Reading: (Grade.INT, "PartyID S(9..18) R\nTime T R"),
    PolicyNotice: (
        Grade.PUB,
        """
        NoticeKind E<NoticeKind> R
        Title S(200) R
        Content S(65536) R
        AttachmentRefs L<S(256)>[0,50] O
        ReceiptRequired B R
        ReceiptDeadline T O
        Receipts L<O<Reading>>[0,1000] O
        """
        + ADDRESSED,
    ),
    NoticeReceipt: (Grade.INT, "NoticeID S(40) R\nPartyID S(9..18) R\nReadTime T R"),
    PricePoint: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Price D(4) CNY/kWh R
        Kind E<PriceKind> R
        """,
    ),
    PriceSignal: (
        Grade.PUB,
        """
        Title S(200) O
        PricePoints L<O<PricePoint>>[1,1440] R
        """
        + ADDRESSED,
    ),
    AlarmEvent: (
        Grade.INT,
        """
        AlarmID S(40) R
        AlarmState E<AlarmState> O
        AlarmDomain E<AlarmDomain> R
        AlarmCode S(16) R
        AlarmLevel E<AlarmLevel> R
        ObjectKind E<AlarmObjectKind> R
        ObjectID S(64) R
        Direction E<ChannelDirection> O
        OccurTime T R
        ClearTime T O
        Value D(6) O
        Threshold D(6) O
        RepeatCount I[0,) O
        TraceID S(32) O
        """
        + ACKNOWLEDGED,
    ),
    AlarmClear: (Grade.INT, "AlarmID S(40) R\nClearTime T R" + ACKNOWLEDGED),
    AlarmQuery: (
        Grade.INT,
        """
        AlarmDomain E<AlarmDomain> O
        AlarmLevel E<AlarmLevel> O
        ObjectID S(64) O
        TimeFrom T O
        TimeTo T O
        OpenOnly B O
        PageNo I[1,1000000] O
        PageSize I[1,1000] O
        """,
    ),
    AlarmPage: (
        Grade.INT,
        """
        PageNo I[1,1000000] R
        PageCount I[0,) R
        ItemSize I[0,) R
        AlarmEvents L<O<AlarmEvent>> O
        """,
    ),
}

ENUMERATIONS: dict[type[Enum], str] = {
    notices.NoticeKind: (
        "1 ANCILLARY_POLICY, 2 MARKET_INFORMATION, 3 PRICE, 4 SANCTION,"
        " 5 DEMAND_RESPONSE_INVITATION"
    ),
    notices.PriceKind: "1 TIME_OF_USE, 2 DYNAMIC",
    alarms.AlarmDomain: (
        "1 PERSON, 2 VEHICLE, 3 GRID, 4 INFORMATION_SECURITY, 5 CHANNEL, 6 DATA_QUALITY,"
        " 7 BUSINESS, 8 PERFORMANCE"
    ),
    alarms.AlarmLevel: "1 INFO, 2 WARNING, 3 MAJOR, 4 CRITICAL",
    alarms.AlarmState: "1 RAISED, 2 CLEARED",
    alarms.AlarmObjectKind: (
        "1 RESOURCE, 2 STATION, 3 EQUIPMENT, 4 CONNECTOR, 5 VEHICLE, 6 GRID_NODE, 7 PARTY,"
        " 8 CHANNEL, 9 STREAM, 10 COMMAND, 11 MESSAGE, 12 PLATFORM"
    ),
    alarms.ChannelDirection: "1 UP, 2 DOWN",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(notices, alarms) == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_an_alarm_numbers_objects_as_records_do_plt_9_5() -> None:
    kinds = {kind.name: kind.value for kind in AlarmObjectKind}
    assert kinds.items() > {kind.name: kind.value for kind in ObjectKind}.items()


@pytest.mark.parametrize("audience", [(), ("",), ("1" * 19,)], ids=["nobody", "empty", "long"])
def test_a_notice_that_addresses_nobody_is_refused_plt_8_6(audience: tuple[str, ...]) -> None:
    with pytest.raises(InvalidObject):
        json.validated(notice(audience))
    assert json.validated(notice((EVERYBODY,))).audience == ("all",)


def test_a_price_signal_holds_a_day_of_minutes_and_not_one_more() -> None:
    point = PricePoint(
        start_time=T0,
        end_time=T0 + timedelta(minutes=1),
        price=Decimal("0.3500"),
        kind=notices.PriceKind.DYNAMIC,
    )
    day = PriceSignal(
        notice_id="p1", effective_from=T0, audience=(EVERYBODY,), price_points=(point,) * 1440
    )
    assert json.validated(day) == day
    with pytest.raises(InvalidObject) as refusal:
        json.validated(msgspec.structs.replace(day, price_points=(point,) * 1441))
    assert [(d.path, d.code) for d in refusal.value.details] == [("/PricePoints", "too_many")]


def notice(audience: tuple[str, ...]) -> PolicyNotice:
    """A market notice to ``audience``."""
    return PolicyNotice(
        notice_id="n1",
        notice_kind=NoticeKind.MARKET_INFORMATION,
        title="市场信息",
        content="披露",
        effective_from=T0,
        audience=audience,
        receipt_required=False,
    )
