"""Rows of the operations table: the grid, vehicles and consents."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

QUERY_GRID_TRACE = Operation(
    rows=(13,), name="QueryGridTrace", zh="桩网溯源", en="Trace a device up the grid.",
    clause="PLT-6.10", request=o.GridTraceQuery, response=o.GridTrace,
    directions=(to("dispatch", "platform"), to("platform", "aggregator operator")),
    rest="GET /grid-trace", cec102=("query_grid_trace",), grade=Grade.IMP, writes=False,
    errors=(4201,), timing="<= 2 s",
)  # fmt: skip
PUSH_GRID_NODE = Operation(
    rows=(14,), name="PushGridNode", zh="电网节点发布", en="Publish a node of the grid.",
    clause="PLT-6.10", request=o.GridNode, response=o.ArchiveReceipt,
    directions=(to("dispatch", "platform"), to("platform", "aggregator operator")),
    rest="PUT /grid-nodes/{GridNodeID}",
    cec102=("notification_grid_node",), grade=Grade.SEN, writes=True,
    key=("grid_node_id", "version"), errors=(4204, 4301), timing="<= 10 s through",
)  # fmt: skip
PUSH_GRID_PARAMETER = Operation(
    rows=(14,), name="PushGridParameter", zh="电网参数发布",
    en="Publish limits and targets at a node.", clause="VGI-D.11", request=o.GridParameter,
    response=o.Receipt,
    directions=(to("dispatch", "platform"), to("platform", "aggregator operator")),
    rest="POST /grid-parameters", cec102=("notification_grid_parameter",), grade=Grade.IMP,
    writes=True, key=("node_id", "version"), errors=(4204, 4301), timing="<= 10 s through",
    lane=Lane.CONTROL,
)  # fmt: skip
PUSH_VEHICLE = Operation(
    rows=(15,), name="PushVehicle", zh="车辆信息推送",
    en="Push a vehicle with its limits and preferences.", clause="VGI-D.2", request=o.VehicleInfo,
    response=o.ArchiveReceipt, directions=(to("operator aggregator oem", "platform"),),
    rest="PUT /vehicles/{VehicleID}", cec102=("notification_vehicle_info",), grade=Grade.SEN,
    writes=True, key=("vehicle_id", "version"), errors=(4204, 4407),
    timing="on plug-in or change",
)  # fmt: skip
PUSH_TRIP = Operation(
    rows=(15,), name="PushTrip", zh="行程信息推送", en="Push a trip.", clause="JES-5.1.3",
    request=o.TripInfo, response=o.Receipt,
    directions=(to("operator aggregator oem", "platform"),), rest="POST /trips",
    cec102=("notification_trip_info",), grade=Grade.SEN, writes=True, key=("trip_id",),
    errors=(4407,), timing="on plug-in or change",
)  # fmt: skip
GRANT_CONSENT = Operation(
    rows=(16,), name="GrantConsent", zh="授权", en="Grant consent.", clause="JES-6.4.1c",
    request=o.ConsentInfo, response=o.ConsentReceipt,
    directions=(to("operator aggregator oem", "platform"),), rest="PUT /consents/{ConsentID}",
    cec102=("notification_consent",), grade=Grade.SEN, writes=True, key=("consent_id",),
    errors=(4203,), timing="at once",
)  # fmt: skip
QUERY_CONSENT = Operation(
    rows=(16,), name="QueryConsent", zh="授权查询", en="Query a consent.", clause="JES-6.4.1c",
    request=o.ConsentQuery, response=o.ConsentInfo,
    directions=(to("operator aggregator oem", "platform"),), rest="GET /consents/{ConsentID}",
    cec102=("query_consent",), grade=Grade.SEN, writes=False, errors=(4201,),
)  # fmt: skip
WITHDRAW_CONSENT = Operation(
    rows=(16,), name="WithdrawConsent", zh="撤回授权", en="Withdraw consent.",
    clause="JES-6.4.1c", request=o.ConsentWithdrawal, response=o.ConsentReceipt,
    directions=(to("operator aggregator oem", "platform"),), rest="DELETE /consents/{ConsentID}",
    cec102=("notification_consent_withdrawal",), grade=Grade.SEN, writes=True,
    key=("consent_id",), errors=(4201, 4203), timing="at once; commands cancelled <= 10 s",
    lane=Lane.CONTROL,
)  # fmt: skip
