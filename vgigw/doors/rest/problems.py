"""The table of the REST door: error class to HTTP status, as problem+json (RFC 9457)."""

from __future__ import annotations

import msgspec

from vgigw import errors
from vgigw.envelope.wire import WireAnswer, retry_after
from vgigw.errors import VgigwError
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


def problem(error: VgigwError) -> WireAnswer:
    """The problem document of ``error``: Ret, Msg and Details beside the members of RFC 9457."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    document = {
        "type": f"{CONTRACT.namespace}:ret:{error.ret}",
        "title": error.text,
        "status": status,
        "detail": error.message,
        "Ret": error.ret,
        "Msg": error.message,
        "Details": [
            {"Path": item.path, "Code": item.code, "Message": item.message}
            for item in error.details
        ],
    }
    headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
    headers |= retry_after(error)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return WireAnswer(status=status, headers=headers, body=msgspec.json.encode(document))
