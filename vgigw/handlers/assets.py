"""The inventory of data: every kind of object that is kept, classified, graded. PLT-10.4."""

from __future__ import annotations

from typing import Final

from vgigw.handlers.marks import handles
from vgigw.handlers.shelf import PAGE_SIZE
from vgigw.objects import OBJECTS, AssetPage, AssetQuery, DataAsset, Grade, InformationObject
from vgigw.objects.security import DataCategory
from vgigw.operations import OPERATIONS, QUERY_ASSETS
from vgigw.ports import Call, Identity, Transaction

_RETENTION_DAYS: Final = 1096
"""Three years. PLT-9.3b."""

_RISK: Final = {Grade.PUB: 10, Grade.INT: 30, Grade.IMP: 60, Grade.SEN: 90}
"""Plain: what would be lost, by grade; personal data one step more."""

_CATEGORIES: Final = {
    DataCategory.LEDGER: "parties customers stations devices archives resources ledger grid",
    DataCategory.OPERATING: "states telemetry capability recall sessions",
    DataCategory.PLAN: "plans schemes",
    DataCategory.CONTROL: "control response_events edge",
    DataCategory.SETTLEMENT: "market assessment settlement reconciliation orders",
    DataCategory.IDENTITY: "security",
    DataCategory.PERSONAL: "vehicles consents",
    DataCategory.LOG: "alarms outages tracing",
}
_CATEGORY: Final = {
    module: category for category, modules in _CATEGORIES.items() for module in modules.split()
}


class Assets:
    """Handler of the inventory; an asset is an object that some writing operation carries."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(QUERY_ASSETS)
    def query(self, call: Call, tx: Transaction) -> AssetPage:
        query: AssetQuery = call.request
        found = [each for each in self._inventory() if _fits(each, query)]
        number, size = query.page_no or 1, query.page_size or PAGE_SIZE
        first = (number - 1) * size
        return AssetPage(
            page_no=number,
            page_count=-(-len(found) // size),
            item_size=len(found),
            data_assets=tuple(found[first : first + size]),
        )

    def _inventory(self) -> list[DataAsset]:
        kept = {row.request for row in OPERATIONS if row.writes and row.key}
        return [self._asset(cls) for cls in OBJECTS if cls in kept]

    def _asset(self, cls: type[InformationObject]) -> DataAsset:
        personal = any(each.sensitive for each in cls.described.values())
        return DataAsset(
            asset_name=cls.__name__,
            category=_CATEGORY.get(cls.__module__.rpartition(".")[2], DataCategory.OTHER),
            asset_grade=cls.grade,
            owner=self._identity.operator_id,
            retention=_RETENTION_DAYS,
            risk_score=min(_RISK[cls.grade] + (10 if personal else 0), 100),
        )


def _fits(asset: DataAsset, query: AssetQuery) -> bool:
    return (
        query.category in (None, asset.category)
        and query.asset_grade in (None, asset.asset_grade)
        and query.owner in (None, asset.owner)
    )
