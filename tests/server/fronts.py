"""What ends TLS in front of a gateway, as docs/how-to/tls.md has it: real programs on loopback.

The files of the page are run as they stand there; only ports and folders are filled in.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
import urllib3

from tests.authority import Authority, Issued
from tests.server import wired
from tests.trio import DISPATCH, OPERATOR, OTHER
from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.testing.gateway_process import GatewayProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "tls.md").read_text("utf-8")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
FRONTS = ("nginx", "gunicorn", "cheroot")
_TLS_FILES, _CONFIG = "/etc/vgigw/tls", "/etc/vgigw/vgigw.toml"
_START_S = 30.0
NETWORKS = {OPERATOR: "127.0.0.0/8", OTHER: "127.0.0.0/8", DISPATCH: "203.0.113.0/24"}
"""Where each peer may come from; all of them come from here."""
EARLY = {
    "ssl_early_data         off": "ssl_early_data         on",
    "ssl_session_tickets    off": "ssl_session_tickets    on",
}
_AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/vgigw.conf;
    include {folder}/early.conf;
}}
"""


class Shown:
    """Certificates: the server's, three peers' own, and those that no front may take."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.authority = Authority(folder, "peers")
        self.server = self.authority.issue("server")
        self.of = {party: self.authority.issue(party) for party in (OPERATOR, OTHER, DISPATCH)}
        self.expired = self.authority.issue("expired", days=-1)
        self.revoked = self.authority.issue("revoked")
        self.strange = Authority(folder, "strange").issue("stranger")
        self.authority.revoked([self.revoked])


class Front(NamedTuple):
    """A program that listens on ``port``, and what a client needs for it; of nginx the same server
    listens on ``early_port``, too, but that it takes early data."""

    name: str
    port: int
    early_port: int
    shown: Shown

    def context(self, issued: Issued | None) -> ssl.SSLContext:
        """A client that trusts the front, and shows ``issued``."""
        context = ssl.create_default_context(cafile=str(self.shown.authority.file))
        if issued is not None:
            context.load_cert_chain(issued.certificate, issued.key)
        return context


class OverTls(wired.Wire):
    """``party`` behind a front, with the certificate ``issued`` which may add ``headers``."""

    def __init__(
        self,
        party: str,
        front: Front,
        issued: Issued | None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(party, front.port)
        self.headers: Mapping[str, str] = {}
        context = context or front.context(issued)
        self._pool = urllib3.PoolManager(ssl_context=context, retries=False, timeout=20)

    def give(self, wire: WireRequest, port: int | None = None) -> WireAnswer:
        query = f"?{wire.query}" if wire.query else ""
        url = f"https://127.0.0.1:{port or self.port}{encoded_path(wire.path)}{query}"
        headers = {**wire.headers, **self.headers}
        answer = self._pool.request(wire.method, url, body=wire.body or None, headers=headers)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(status=answer.status, headers=found, body=answer.data)


def block(language: str, begins: str) -> str:
    """The block of the page in ``language`` that begins so."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [each for each in blocks if each.startswith(begins)]
    return str(found)


def filled_in(text: str, changes: Mapping[str, object]) -> str:
    """``text`` with another port or folder in the place of each; each has to be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, str(new))
    return text


@contextmanager
def front(name: str, folder: Path) -> Iterator[Front]:
    """``name`` in front of a platform that knows its peers by their certificates."""
    made = Front(name, free_port(), free_port(), Shown(folder / "tls"))
    with {"nginx": _nginx, "gunicorn": _gunicorn, "cheroot": _cheroot}[name](folder, made):
        _await_ready(made)
        yield made


def config_of(folder: Path, shown: Shown, **listen: object) -> Path:
    """As the page has it: each peer has a certificate, and the transport for its protection."""
    file = wired.config(folder, free_port(), listen=listen)
    text = file.read_text()
    for party, issued in shown.of.items():
        says = f'certificates = ["file:{issued.certificate}"]\nprotection = "transport"\n'
        says += f'networks = ["{NETWORKS[party]}"]\n'
        text = filled_in(text, {f'operator_id = "{party}"\n': f'operator_id = "{party}"\n{says}'})
    file.write_text(text)
    return file


@contextmanager
def _nginx(folder: Path, made: Front) -> Iterator[None]:
    if NGINX is None:
        pytest.skip("nginx is not there")
    behind = free_port()
    page = filled_in(
        block("nginx", "limit_conn_zone"),
        {"127.0.0.1:8080": f"127.0.0.1:{behind}", _TLS_FILES: made.shown.folder},
    )
    (folder / "vgigw.conf").write_text(
        filled_in(page, {"listen 443": f"listen 127.0.0.1:{made.port}"})
    )
    early = {"listen 443": f"listen 127.0.0.1:{made.early_port}", **EARLY}
    (folder / "early.conf").write_text(filled_in(page.partition("\n")[2], early))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
    listen = tomllib.loads(block("toml", "[listen]"))["listen"]
    with GatewayProcess(config_of(folder, made.shown, **listen | {"port": behind}), behind) as it:
        it.start()
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        with _running(command, folder / "front.log"):
            yield


@contextmanager
def _gunicorn(folder: Path, made: Front) -> Iterator[None]:
    if find_spec("gunicorn") is None:
        pytest.skip("gunicorn is not there")
    file = config_of(folder, made.shown)
    places = {
        "0.0.0.0:8443": f"127.0.0.1:{made.port}",
        _TLS_FILES: made.shown.folder,
        _CONFIG: file,
    }
    settings = folder / "gunicorn.conf.py"
    settings.write_text(filled_in(block("python", "# gunicorn.conf.py"), places))
    with _running([sys.executable, "-m", "gunicorn", "-c", str(settings)], folder / "front.log"):
        yield


@contextmanager
def _cheroot(folder: Path, made: Front) -> Iterator[None]:
    if find_spec("cheroot") is None:
        pytest.skip("cheroot is not there")
    file = config_of(folder, made.shown)
    places = {'("0.0.0.0", 8443)': f'("127.0.0.1", {made.port})', _TLS_FILES: made.shown.folder}
    script = folder / "serve_tls.py"
    script.write_text(filled_in(block("python", "# serve_tls.py"), {**places, _CONFIG: file}))
    with _running([sys.executable, str(script)], folder / "front.log"):
        yield


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    """A process, ended by SIGTERM at the end, with what it said in ``log``."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=environment, cwd=ROOT) as process,
    ):
        try:
            time.sleep(0.1)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_ready(made: Front) -> None:
    end = time.monotonic() + _START_S
    with urllib3.PoolManager(ssl_context=made.context(made.shown.of[OTHER]), retries=False) as pool:
        while time.monotonic() < end:
            with suppress(urllib3.exceptions.HTTPError):
                answer = pool.request("GET", f"https://127.0.0.1:{made.port}/readyz", timeout=1.0)
                if answer.status == 200:
                    return
            time.sleep(0.05)
    log = made.shown.folder.parent / "front.log"
    raise AssertionError(f"not ready within {_START_S:.0f} s: {log.read_text()[-1500:]}")
