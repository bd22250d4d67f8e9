"""Questions about station archives and their answers 场站档案查询. ACC-7.1, ACC-7.7."""

from __future__ import annotations

from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import Success
from vgigw.objects.stations import StationInfo
from vgigw.objects.values import Count, Instant, Page, PageSize, Text200, Version


class StationQuery(InformationObject):
    """Query of station archives 查询充电站信息. ACC-7.7."""

    grade: ClassVar[Grade] = Grade.PUB

    last_query_time: Instant | None = member(
        "LastQueryTime", "上次查询时间", "Changed since; absent = all.", "102", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Stations a page; 10 where absent.", "102", default=None
    )


class ArchiveReceipt(InformationObject):
    """Receipt of an archive 档案回执. ACC-7.1."""

    status: Success = member("Status", "状态", "0 accepted, 1 dropped.", "102")
    version: Version | None = member("Version", "版本", "Version now held.", default=None)
    message: Text200 | None = member("Message", "说明", "In words.", default=None)


class StationPage(InformationObject):
    """One page of station archives 充电站信息列表. ACC-7.7."""

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Stations in all.", "102")
    station_infos: tuple[StationInfo, ...] = member(
        "StationInfos", "充电站信息", "Stations.", "102", default=()
    )
