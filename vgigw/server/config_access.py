"""Whether a peer's way to its access, and back to it, can be gone. PLT-8.11."""

from __future__ import annotations

from vgigw.errors import Misconfigured
from vgigw.operations import Role
from vgigw.ports import OnChange
from vgigw.server.config_peers import PeerSection


def check_access(peer: PeerSection, own: Role, where: str) -> None:
    """Raise ``Misconfigured``, which begins with ``where``, for what nobody could do or undo.

    Access is applied for at a platform, and only what is signed or may come unsigned applies.
    """
    hold = peer.on_change is OnChange.HOLD
    if own is not Role.PLATFORM:
        if not peer.approved:
            raise Misconfigured(
                f"{where}: approved = false: a gateway of role {own.value} gives nobody access, "
                "only a platform does; leave it out, and leave out a peer that is not approved"
            )
        if hold:
            raise Misconfigured(
                f'{where}: on_change = "hold" ends by an application, which only a platform takes; '
                f'with role {own.value} set "refuse" or "alarm"'
            )
    if not peer.unsigned or peer.unsigned_sensitive:
        return
    if not peer.approved:
        raise Misconfigured(
            f"{where}: unsigned: approved = false has it apply by SubmitAccess, of class SEN (and "
            "holds it when its network changes): set unsigned_sensitive, or leave approved out"
        )
    if hold:
        raise Misconfigured(
            f'{where}: unsigned: on_change = "hold" ends by SubmitAccess, which is of class SEN: '
            'set unsigned_sensitive, or on_change = "refuse"'
        )
