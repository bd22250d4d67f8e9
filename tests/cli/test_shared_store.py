"""A gateway that a configuration puts on a PostgreSQL, from doctor to command line. PLT-9.3b."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.processes import PLATFORM, operator_config, prepared, result, serving
from tests.stores.postgres_server import Schemas, schemas

__all__ = ["schemas"]


@pytest.mark.own_store("puts a gateway on PostgreSQL itself")
def test_a_served_gateway_keeps_everything_in_the_shared_store(
    tmp_path: Path, schemas: Schemas
) -> None:
    config, port = prepared(tmp_path / "gw")
    text = config.read_text("utf-8")
    assert 'store = "sqlite"' in text
    lines = [
        'store = "file:store.txt"' if x.startswith("store =") else x for x in text.splitlines()
    ]
    config.write_text("\n".join(lines), "utf-8")
    (tmp_path / "gw" / "store.txt").write_text(schemas.url(), "utf-8")
    own = operator_config(tmp_path / "op", config, port)
    streams = [{"StreamID": "S", "SeqHighest": 7}]
    beat = {"LinkID": "L", "Seq": 1, "Time": "2026-01-01T00:00:00Z", "ChannelRole": 1}
    (tmp_path / "beat.json").write_text(json.dumps(beat | {"Streams": streams}))

    with serving(config, port):
        result("send", PLATFORM, "Heartbeat", tmp_path / "beat.json", "-c", own)
        while_served = result("gaps", "-c", config)
    with serving(config, port):  # nothing is kept but what is in the database
        after = result("gaps", "-c", config)
        checks = {each["check"]: each for each in result("doctor", "-c", config)["checks"]}

    for streams_held in (while_served, after):
        assert [(g["first"], g["last"]) for s in streams_held for g in s["gaps"]] == [(1, 7)]
    assert (checks["store"]["state"], checks["store"]["found"]) == ("ok", "PostgreSQL, 1 streams")
    assert list((tmp_path / "gw").rglob("*.sqlite3")) == []
