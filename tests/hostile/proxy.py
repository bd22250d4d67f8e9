"""A reverse proxy in front of a gateway: nginx, as a process of its own on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vgigw.testing.gateway_process import free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def proxied(folder: Path, gateway_port: int) -> Iterator[tuple[int, Path]]:
    """The proxy's port, and its log: a line for each request, with the status that the gateway
    gave it, ``-`` where it was not asked."""
    assert NGINX is not None
    port, log = free_port(), folder / "access.log"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in kinds)
    config = folder / "nginx.conf"
    config.write_text(f"""
worker_processes 1;
worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
{paths}
  log_format asked '$upstream_status';
  access_log {log} asked;
  keepalive_requests 100000;
  client_max_body_size 8m;
  client_body_timeout 10s;
  client_header_timeout 10s;
  upstream gateway {{ server 127.0.0.1:{gateway_port}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://gateway;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
""")
    with subprocess.Popen(
        [NGINX, "-c", str(config), "-p", str(folder), "-g", "daemon off;"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _await(port)
            yield port, log
        finally:
            process.terminate()


def _await(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the proxy does not listen")
