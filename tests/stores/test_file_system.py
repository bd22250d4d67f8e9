"""F31: a store does not start on a file system of a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from vgigw.errors import Misconfigured
from vgigw.stores import SqliteStore
from vgigw.stores.file_system import refuse_network

pytestmark = pytest.mark.own_store("where a file may lie")

MOUNTS = r"""
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /srv rw,relatime shared:1 - nfs4 server:/export rw
31 30 254:1 / /srv/local rw,relatime - xfs /dev/vdb rw
32 22 0:41 / /my\040share rw - fuse.sshfs host:/ rw
"""


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/var/lib/state.db", False),
        ("/srv/state.db", True),
        ("/srvother/state.db", False),
        ("/srv/local/deep/state.db", False),
        ("/my share/state.db", True),
    ],
)
def test_f31_the_innermost_mount_decides(tmp_path: Path, path: str, refused: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    if refused:
        with pytest.raises(Misconfigured, match="local disk"):
            refuse_network(Path(path), mounts)
    else:
        refuse_network(Path(path), mounts)


def test_f31_a_store_asks_before_it_creates_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text("22 1 0:40 / / rw - nfs server:/export rw\n")
    monkeypatch.setattr("vgigw.stores.file_system.refuse_network.__defaults__", (mounts,))
    with pytest.raises(Misconfigured, match="nfs"):
        SqliteStore(tmp_path / "state.db")
    assert not (tmp_path / "state.db").exists()


def test_f31_a_system_that_does_not_tell_is_not_refused(tmp_path: Path) -> None:
    refuse_network(Path("/srv/state.db"), tmp_path / "absent")
