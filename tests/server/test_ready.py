"""/readyz says what the next write would meet; monitors may ask by HEAD."""

from __future__ import annotations

from pathlib import Path

import falcon.testing
import pytest

from tests.stores.fresh import store_at
from tests.trio import OPERATOR, Trio
from vgigw import Gateway


def _client(folder: Path) -> tuple[Gateway, falcon.testing.TestClient]:
    gateway = Gateway(Trio().platform.identity, store_at(folder / "state" / "store.sqlite3"))
    return gateway, falcon.testing.TestClient(gateway.wsgi())


def test_ready_is_told_by_get_and_head(tmp_path: Path) -> None:
    gateway, client = _client(tmp_path)
    try:
        assert client.simulate_get("/readyz").status_code == 200
        assert client.simulate_head("/readyz").status_code == 200
        assert OPERATOR in gateway.identity.peers
    finally:
        gateway.close()


@pytest.mark.own_store("takes the file away")
def test_a_store_whose_file_is_gone_is_not_ready_and_makes_no_new_one(tmp_path: Path) -> None:
    gateway, client = _client(tmp_path)
    try:
        for path in (tmp_path / "state").iterdir():
            path.rename(tmp_path / path.name)

        assert client.simulate_get("/readyz").status_code == 503
        assert list((tmp_path / "state").glob("*.sqlite3")) == []
    finally:
        gateway.close()
