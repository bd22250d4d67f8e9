"""Networks of a peer in the configuration. PLT-8.11b."""

from __future__ import annotations

from pathlib import Path

import pytest

from vgigw.errors import Misconfigured
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from

_CONFIG = """
[gateway]
operator_id = "100000001"
[listen]
behind_tls_proxy = {proxy}
[[peers]]
operator_id = "123456789"
role = "operator"
networks = {networks}
[peers.inbound]
operator_secret = "1234567890abcdef"
data_secret = "1234567890abcdef"
data_secret_iv = "1234567890abcdef"
sig_secret = "1234567890abcdef"
"""


def written(folder: Path, networks: str, proxy: str = "false") -> Path:
    path = folder / "vgigw.toml"
    path.write_text(_CONFIG.format(networks=networks, proxy=proxy))
    return path


def test_plt_8_11b_the_networks_of_a_peer_are_its_profiles(tmp_path: Path) -> None:
    config = load(written(tmp_path, '["10.1.0.0/16", "192.0.2.7"]'))
    assert identity_from(config).peers["123456789"].networks == ("10.1.0.0/16", "192.0.2.7")


def test_plt_8_11b_what_is_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"123456789.*10\.1\.0\.1/16"):
        load(written(tmp_path, '["10.1.0.1/16"]'))


def test_plt_8_11b_behind_a_proxy_networks_are_told_by_it_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="source_header"):
        load(written(tmp_path, '["10.1.0.0/16"]', proxy="true"))
    load(written(tmp_path, "[]", proxy="true"))
    load(written(tmp_path, '["10.1.0.0/16"]', proxy='true\nsource_header = "ClientAddress"'))
