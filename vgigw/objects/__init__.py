"""The information objects, each declared once. CARD-1.

``OBJECTS`` lists every object that the published contract carries: those of the modules named here,
in their order. A new object stands in its module and is in the contract by that.
"""

from __future__ import annotations

from types import ModuleType

from vgigw.objects import (
    alarms,
    applications,
    archives,
    assessment,
    capability,
    charging,
    consents,
    control,
    customers,
    devices,
    edge,
    evaluation,
    files,
    grid,
    ledger,
    link,
    market,
    message,
    notices,
    orders,
    outages,
    parties,
    plans,
    recall,
    receipts,
    reconciliation,
    resources,
    response_events,
    schemes,
    security,
    sessions,
    settlement,
    states,
    stations,
    telemetry,
    tracing,
    vehicles,
)
from vgigw.objects.alarms import *
from vgigw.objects.application_enumerations import *
from vgigw.objects.applications import *
from vgigw.objects.archives import *
from vgigw.objects.assessment import *
from vgigw.objects.capability import *
from vgigw.objects.charging import *
from vgigw.objects.consents import *
from vgigw.objects.control import *
from vgigw.objects.customers import *
from vgigw.objects.declaration import Described as Described
from vgigw.objects.declaration import Grade as Grade
from vgigw.objects.declaration import InformationObject as InformationObject
from vgigw.objects.declaration import member as member
from vgigw.objects.devices import *
from vgigw.objects.edge import *
from vgigw.objects.enumerations import *
from vgigw.objects.evaluation import *
from vgigw.objects.files import *
from vgigw.objects.grid import *
from vgigw.objects.ledger import *
from vgigw.objects.link import *
from vgigw.objects.market import *
from vgigw.objects.message import *
from vgigw.objects.notices import *
from vgigw.objects.operating_enumerations import *
from vgigw.objects.orders import *
from vgigw.objects.outages import *
from vgigw.objects.parties import *
from vgigw.objects.plans import *
from vgigw.objects.recall import *
from vgigw.objects.receipts import *
from vgigw.objects.reconciliation import *
from vgigw.objects.resources import *
from vgigw.objects.response_events import *
from vgigw.objects.schemes import *
from vgigw.objects.security import *
from vgigw.objects.sessions import *
from vgigw.objects.settlement import *
from vgigw.objects.settlement_enumerations import *
from vgigw.objects.states import *
from vgigw.objects.stations import *
from vgigw.objects.telemetry import *
from vgigw.objects.tracing import *
from vgigw.objects.vehicles import *

_MODULES = (
    parties,
    customers,
    stations,
    devices,
    archives,
    resources,
    ledger,
    grid,
    vehicles,
    consents,
    states,
    telemetry,
    sessions,
    orders,
    charging,
    capability,
    plans,
    control,
    response_events,
    market,
    assessment,
    settlement,
    reconciliation,
    notices,
    alarms,
    applications,
    outages,
    schemes,
    evaluation,
    edge,
    files,
    recall,
    receipts,
    link,
    security,
    tracing,
    message,
)


def _declared_in(module: ModuleType) -> tuple[type[InformationObject], ...]:
    return tuple(
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, InformationObject)
        and each.__module__ == module.__name__
        and not each.__subclasses__()  # what others extend is no object of its own
    )


OBJECTS: tuple[type[InformationObject], ...] = tuple(
    cls for module in _MODULES for cls in _declared_in(module)
)
