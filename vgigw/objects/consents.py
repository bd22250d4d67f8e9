"""Consent of a vehicle's user: grant, query, withdrawal 授权/撤回. JES-6.4.1c."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import Instant, Text32, Text40, Text64, Text200


class ConsentScope(IntEnum):
    """What a user consents to 授权范围: 身份/电池/行程/偏好/充电调控/放电调控/结算. JES-6.4.1a."""

    IDENTITY = 1
    BATTERY = 2
    TRIP = 3
    PREFERENCE = 4
    CHARGE_CONTROL = 5
    DISCHARGE_CONTROL = 6
    SETTLEMENT = 7


class ConsentState(IntEnum):
    """State of a consent 授权状态: 有效/已撤回/已过期. JES-6.4.1c."""

    ACTIVE = 1
    WITHDRAWN = 2
    EXPIRED = 3


class ConsentInfo(InformationObject):
    """Consent of a vehicle's user 用户授权. JES-6.4.1c."""

    grade: ClassVar[Grade] = Grade.SEN

    consent_id: Text32 = member("ConsentID", "授权标识", "Consent.", "JES-6.4.1c")
    vehicle_id: Text64 = member("VehicleID", "车辆身份", "Vehicle, by pseudonym.", "JES-6.4.1b")
    consent_scope: Annotated[
        tuple[ConsentScope, ...], Meta(min_length=1, max_length=len(ConsentScope))
    ] = member("ConsentScope", "授权范围", "What is consented to.", "JES-6.4.1c")
    granted_at: Instant = member("GrantedAt", "授权时间", "Granted.", "JES-6.4.1c")
    valid_to: Instant | None = member(
        "ValidTo",
        "失效时间",
        "Lapses then; holds until withdrawn where absent.",
        "JES-6.4.1c",
        default=None,
    )
    withdrawn_at: Instant | None = member(
        "WithdrawnAt", "撤回时间", "Withdrawn.", "JES-6.4.1c", default=None
    )
    consent_state: ConsentState = member("ConsentState", "授权状态", "State.", "JES-6.4.1c")


class ConsentQuery(InformationObject):
    """Query of a consent 授权查询. JES-6.4.1c."""

    grade: ClassVar[Grade] = Grade.SEN

    consent_id: Text32 = member("ConsentID", "授权标识", "Consent.", "JES-6.4.1c")


class ConsentWithdrawal(InformationObject):
    """Withdrawal of a consent 撤回授权, in force at once. JES-6.4.1c."""

    grade: ClassVar[Grade] = Grade.SEN

    consent_id: Text32 = member("ConsentID", "授权标识", "Consent.", "JES-6.4.1c")
    reason: Text200 | None = member("Reason", "原因", "Why, if the user says.", default=None)


class ConsentReceipt(InformationObject):
    """Receipt of a grant or a withdrawal 授权回执. JES-6.4.1c."""

    grade: ClassVar[Grade] = Grade.SEN

    consent_id: Text32 = member("ConsentID", "授权标识", "Consent.", "JES-6.4.1c")
    consent_state: ConsentState = member("ConsentState", "授权状态", "State.", "JES-6.4.1c")
    effective_time: Instant = member("EffectiveTime", "生效时间", "In force since.", "JES-6.4.1c")
    # No upper limit: it could only make the answer to a finished withdrawal unspeakable.
    cancelled_commands: tuple[Text40, ...] = member(
        "CancelledCommands", "已取消指令", "Commands that it ended.", "JES-6.4.1c", default=()
    )
