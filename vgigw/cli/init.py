"""``vgigw init``: a folder with a configuration that serves as it is, and fresh secrets."""

from __future__ import annotations

import os
import re
import secrets
import string
from pathlib import Path

import click

from vgigw.cli.options import json_option, print_json
from vgigw.cli.template import configuration, example_peers, secret_file
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.errors import Misconfigured
from vgigw.objects.values import OPERATOR_CODE

_ALPHABET = string.ascii_letters + string.digits
_LENGTHS = {"data_secret": BLOCK_BYTES, "data_secret_iv": BLOCK_BYTES}
_LENGTH = 32
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_IGNORED = "# What must not be shared.\n/secrets/\n/var/\n"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--operator-id", default="100000001", show_default=True, help="Our own identity.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--force", is_flag=True, help="Overwrite what is there, secrets too.")
@json_option
def init(folder: Path, operator_id: str, port: int, force: bool, as_json: bool) -> None:
    """Write a commented vgigw.toml with two example peers and fresh secrets into DIR."""
    if not re.match(OPERATOR_CODE, operator_id):
        raise click.BadParameter("9 to 18 ASCII letters and digits", param_hint="--operator-id")
    files = {
        "vgigw.toml": configuration(operator_id, port),
        ".gitignore": _IGNORED,
    }
    private = _fresh_secrets(operator_id)
    there = [name for name in (*files, *private) if (folder / name).exists()]
    if there and not force:
        raise Misconfigured(f"{folder / there[0]} exists; choose another folder, or use --force")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secrets").mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, text in private.items():
            _write_private(folder / name, text)
    except OSError as cause:
        raise Misconfigured(f"{folder}: cannot be written to: {cause.strerror}") from cause
    written = [str(folder / name) for name in (*files, *private)]
    if as_json:
        print_json({"files": written})
        return
    for name in written:
        click.echo(name)
    click.echo(f"Next: vgigw doctor -c {folder / 'vgigw.toml'}", err=True)


def _fresh_secrets(own: str) -> dict[str, str]:
    """A random text for each secret of each example peer, by its file."""
    return {
        secret_file(str(peer.own["operator_id"]), name): "".join(
            secrets.choice(_ALPHABET) for _ in range(_LENGTHS.get(name, _LENGTH))
        )
        for peer in example_peers(own)
        for name in SECRET_NAMES
    }


def _write_private(path: Path, text: str) -> None:
    # Removed first: an old file would keep its mode, and a link would be followed.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
