"""Every example runs as it stands, against a real gateway process."""

from __future__ import annotations

import importlib
import threading
from datetime import datetime
from pathlib import Path

import pytest
import urllib3

from tests.cli.processes import (
    DISPATCH,
    OPERATOR,
    ROOT,
    example,
    prepared,
    result,
    running,
    serving,
)
from vgigw.errors import Busy, StoreFailed


def test_an_operator_and_a_dispatch_system_call_a_served_platform(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    url, secrets = f"http://127.0.0.1:{port}", tmp_path / "gw" / "secrets"

    with serving(config, port) as process:
        rest = example("operator_rest_client", url, OPERATOR, secrets)
        soap = example("dispatch_soap_client", url, DISPATCH, secrets, "S1", OPERATOR)
        streams = result("gaps", "-c", config)
        letters = result("outbox", "-c", config, "--peer", OPERATOR, "--state", "waiting")
        checks = result("doctor", "-c", config)["checks"]

    assert (rest.returncode, rest.stderr) == (0, "")
    assert "archive kept, version 1" in rest.stdout
    assert rest.stdout.count("a repeat is answered alike: True") == 3
    assert "stations known: 1" in rest.stdout
    assert (soap.returncode, soap.stderr) == (0, "")
    assert "held: 60.000 kW" in soap.stdout
    assert "records: 3" in soap.stdout
    assert "refused with code 4201" in soap.stdout
    assert [(s["owner"], s["begin"], s["contiguous"], s["highest"]) for s in streams] == [
        (OPERATOR, 1, 3, 3)
    ]
    assert streams[0]["gaps"] == []
    assert [letter["operation"] for letter in letters] == ["IssueControl"]
    assert letters[0]["last_error"] in ("", "PeerUnreachable")
    found = {check["check"]: check for check in checks}
    assert "served by a gateway that is ready" in found["port"]["found"]
    assert process.returncode == 0


def test_a_utility_embeds_the_platform_with_a_handler_of_its_own(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    url, secrets = f"http://127.0.0.1:{port}", tmp_path / "gw" / "secrets"

    with running("examples/embed_platform.py", config, str(port), port=port) as process:
        before = urllib3.request("GET", f"{url}/utility/events").data
        rest = example("operator_rest_client", url, OPERATOR, secrets)
        after = urllib3.request("GET", f"{url}/utility/events").data

    assert (rest.returncode, rest.stderr) == (0, "")
    assert (before, after) == (b"0\n", b"1\n")
    assert process.returncode == 0


def test_an_example_says_no_to_an_answer_that_is_not_the_platforms(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    secrets = tmp_path / "gw" / "secrets"
    own_copy = tmp_path / "own"
    own_copy.mkdir()
    for file in secrets.iterdir():
        (own_copy / file.name).write_text(file.read_text())
    (own_copy / f"{OPERATOR}-sig_secret.txt").write_text("another secret")

    with serving(config, port):
        rest = example("operator_rest_client", f"http://127.0.0.1:{port}", OPERATOR, own_copy)

    assert rest.returncode != 0
    assert '"Ret":4001' in rest.stderr.replace(" ", "")


def test_the_clockwork_of_the_embedding_outlives_a_busy_and_a_failed_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, _ = prepared(tmp_path / "gw")
    monkeypatch.syspath_prepend(ROOT / "examples")
    module = importlib.import_module("embed_platform")
    ticked = threading.Event()
    faults: list[Exception] = [Busy(), StoreFailed()]

    def tick(_: datetime) -> None:
        if faults:
            raise faults.pop()
        ticked.set()

    monkeypatch.setattr(module.Gateway, "tick", lambda _, now: tick(now))
    utility = module.Utility(str(config))
    survived = ticked.wait(5)
    utility.close()

    assert survived
