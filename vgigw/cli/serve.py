"""``vgigw serve``: everything is checked first, so that a wrong setting is one line, not a log."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import click
import structlog

from vgigw.cli.options import config_option
from vgigw.errors import Misconfigured
from vgigw.server.config import DATABASE, load
from vgigw.server.config_listen import ListenSection
from vgigw.server.log import configure
from vgigw.stores.log_beside import written_back_beside


@click.command()
@config_option
def serve(config: Path) -> None:
    """Serve until SIGTERM or SIGINT.

    What was begun is finished first. The log goes to stderr.
    """
    settings = load(config)
    configure(settings.log.level, settings.log.format)
    log = structlog.get_logger()
    _check_port(settings.listen)
    with written_back_beside(settings.state_dir / DATABASE):
        from vgigw.server.assembly import Gateway  # noqa: PLC0415 - heavy, and the log may be long
        from vgigw.server.serve import serve as serve_until_stopped  # noqa: PLC0415

        checked = Gateway.from_config(config)
    # Opened and closed here so that no worker process is started on settings that cannot work.
    checked.close()
    for warning in settings.warnings():
        log.warning("configuration.weak", what=warning)
    log.info(
        "serving",
        address=f"http://{settings.listen.host}:{settings.listen.port}",
        operator_id=settings.gateway.operator_id,
        role=settings.gateway.role.value,
        peers=len(settings.peers),
    )
    serve_until_stopped(config)
    log.info("stopped")


def _check_port(listen: ListenSection) -> None:
    """Raises ``Misconfigured`` when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as cause:
            where = f"listen {listen.host}:{listen.port}"
            why = {
                errno.EADDRINUSE: "another program listens there; choose another listen.port",
                errno.EACCES: "not permitted; choose a listen.port above 1023",
            }.get(cause.errno or 0, "not an address of this machine; correct listen.host")
            raise Misconfigured(f"{where}: {why}") from cause
