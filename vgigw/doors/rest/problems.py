"""The table of the REST door: error class to HTTP status, as problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

import msgspec

from vgigw import errors
from vgigw.envelope.secured import refusal_of
from vgigw.envelope.wire import WireAnswer, retry_after
from vgigw.errors import VgigwError
from vgigw.objects import Refusal
from vgigw.operations import CONTRACT

STATUS: dict[type[VgigwError], int] = {
    errors.TooLarge: 413,
    errors.WrongMedia: 415,
    errors.UnknownOperation: 404,
    errors.Malformed: 400,
    errors.InvalidObject: 422,
    errors.NotGenuine: 401,
    errors.NoToken: 401,
    errors.Replayed: 409,
    errors.NotFresh: 400,
    errors.NotDecrypted: 400,
    errors.KeyUnusable: 401,
    errors.Unprotected: 403,
    errors.UnknownObject: 404,
    errors.Conflict: 409,
    errors.IllegalState: 409,
    errors.VersionConflict: 412,
    errors.NotAllowed: 403,
    errors.OverLimit: 429,
    errors.Suspended: 403,
    errors.NotApproved: 403,
    errors.QualityRefused: 422,
    errors.PolarityMismatch: 422,
    errors.OutsideCapability: 422,
    errors.SocFloor: 422,
    errors.CurveRefused: 422,
    errors.TooLate: 422,
    errors.NoConsent: 422,
    errors.NotRetained: 410,
    errors.Busy: 503,
    errors.StoreFailed: 503,
    errors.PeerUnreachable: 503,
    errors.PeerAnswerInvalid: 503,
}


def problem(error: VgigwError, refusal: Refusal | None = None) -> WireAnswer:
    """The problem document of ``error``: a refusal beside the members of RFC 9457.

    It tells ``refusal``, where there is one, in the place of all.
    """
    told = refusal or refusal_of(error)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    document: dict[str, Any] = {
        "type": f"{CONTRACT.namespace}:ret:{error.ret}",
        "title": error.text,
        "status": status,
        "detail": told.msg,
        "Ret": told.ret,
        "Msg": told.msg,
        "Details": told.details,
    }
    if told.secured_data is not None:
        document["SecuredData"] = told.secured_data
    headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
    headers |= retry_after(error)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return WireAnswer(status=status, headers=headers, body=msgspec.json.encode(document))
