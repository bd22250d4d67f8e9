"""What the store asks of its file: that it lies on a local disk, and stays the same one."""

from __future__ import annotations

from pathlib import Path

from vgigw.errors import Misconfigured, StoreFailed

MOUNTS = Path("/proc/self/mountinfo")
# Not 9p: sandboxes and virtual machines show a local disk by it.
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "ncpfs"),
        *("coda", "gfs", "gfs2", "ocfs2", "davfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone"),
    }
)


class SameFile:
    """Whether the store at ``path`` and its log are still those that were there at first."""

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(f"{path.name}-wal"))
        self._first = self._identity()

    def check(self) -> None:
        """Raises ``StoreFailed`` where they are not."""
        # A file that was removed or replaced under us takes writes that nobody can find again.
        if self._identity() != self._first:
            raise StoreFailed("the store's file was replaced while it was open")

    def _identity(self) -> tuple[tuple[int, int], ...]:
        found = (path.stat() for path in self._paths)
        return tuple((each.st_dev, each.st_ino) for each in found)


def refuse_network(path: Path, mounts: Path = MOUNTS) -> None:
    """Raises ``Misconfigured`` when ``path`` lies on a network file system.

    Where the system does not tell its mounts, nothing is refused.
    """
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = _kind_at(path.resolve(), text)
    if kind in NETWORK:
        raise Misconfigured(
            f"store {path} lies on a network file system ({kind}), which cannot keep it safe: "
            "put it on a local disk"
        )


def _kind_at(path: Path, text: str) -> str:
    """The type of the innermost mount that holds ``path``; of equal ones the last is on top."""
    places = {path, *path.parents}
    longest, kind = -1, ""
    for line in text.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 5 or not source:
            continue
        place = Path(_unescaped(fields[4]))
        if place in places and len(place.parts) >= longest:
            longest, kind = len(place.parts), source.split(" ")[0]
    return kind


def _unescaped(text: str) -> str:
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, sign)
    return text
