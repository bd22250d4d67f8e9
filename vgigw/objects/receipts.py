"""The receipt of a business document 业务回执. PLT-8.6, PLT-8.8a."""

from __future__ import annotations

from vgigw.objects.declaration import InformationObject, member
from vgigw.objects.operating_enumerations import Success
from vgigw.objects.values import Instant, Text128, Text200, Version


class Receipt(InformationObject):
    """What was taken, in which version, and when 业务回执. PLT-8.6."""

    status: Success = member("Status", "状态", "0 accepted, 1 dropped.", "102")
    object_id: Text128 = member("ObjectID", "对象标识", "What was taken.")
    version: Version | None = member("Version", "版本", "Version now held.", default=None)
    receive_time: Instant = member("ReceiveTime", "接收时间", "When.", "PLT-8.6")
    message: Text200 | None = member("Message", "说明", "In words.", default=None)
