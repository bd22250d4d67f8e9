"""The row that carries another operation with its body encrypted, on SOAP and on REST.

It stands beside the table and not in it: it has no parties, no handler and no key of its own.
"""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Operation

EXCHANGE_SECURED = Operation(
    rows=(), name="ExchangeSecured", zh="加密交换",
    en="Call any operation with its body encrypted.", clause="ACC-5.6",
    request=o.SecuredRequest, response=o.SecuredAnswer, directions=(),
    rest="POST /secured", cec102=(), grade=Grade.SEN, writes=True, errors=(4103, 4105),
)  # fmt: skip
