"""Commands and gateways in real processes, on a free port, with what ``vgigw init`` writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from tests.stores.fresh import stored_for
from vgigw.testing.gateway_process import free_port

ROOT = Path(__file__).resolve().parents[2]
OPERATOR, DISPATCH, PLATFORM = "123456789", "200000002", "100000001"
# A script sees its own folder only; an installed package would be found without this.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def run(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vgigw.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=ENVIRONMENT,
        **more,
    )


def result(*arguments: str | Path) -> Any:
    """What a command prints with ``--json``."""
    ran = run(*arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def prepared(folder: Path) -> tuple[Path, int]:
    """A configuration by ``vgigw init``, and its port."""
    port = free_port()
    ran = run("init", folder, "--port", str(port))
    assert ran.returncode == 0, ran.stderr
    return stored_for(folder / "vgigw.toml"), port


def operator_config(folder: Path, platform: Path, port: int) -> Path:
    """A configuration of the operator that ``platform`` knows, which calls it by REST."""
    secrets = platform.parent / "secrets"
    names = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")
    lines = [f'{name} = "file:{secrets}/{OPERATOR}-{name}.txt"' for name in names]
    text = f"""
[gateway]
operator_id = "{OPERATOR}"
role = "operator"
[listen]
port = {free_port()}
[[peers]]
operator_id = "{PLATFORM}"
role = "platform"
doors = ["rest"]
[peers.inbound]
{chr(10).join(lines)}
[peers.outbound]
paths = ["http://127.0.0.1:{port}/vgi/v1"]
door = "rest"
"""
    folder.mkdir(exist_ok=True)
    (folder / "vgigw.toml").write_text(text)
    return stored_for(folder / "vgigw.toml")


@contextmanager
def running(*command: str | Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ready on ``port``; stopped at the end by SIGTERM, with exit code 0."""
    with subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _await_ready(process, port)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def serving(config: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with running("-m", "vgigw.cli", "serve", "-c", config, port=port) as process:
        yield process


def example(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, f"examples/{name}.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=ENVIRONMENT,
    )


def _await_ready(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "the process ended before it was ready"
        try:
            answer = urllib3.request(
                "GET", f"http://127.0.0.1:{port}/readyz", retries=False, timeout=1.0
            )
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
            continue
        if answer.status == 200:
            return
    raise AssertionError("not ready within 30 s")
