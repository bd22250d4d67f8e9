"""``vgigw bench sm2`` measures every provider that is here beside the ``openssl`` program."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.crypto.sm2_providers import openssl
from vgigw.cli.bench_crypto import sm2
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.errors import Misconfigured
from vgigw.testing.bench import sm2_speed


@pytest.mark.slow
def test_plt_10_3b_ratios_are_of_times_in_the_same_run() -> None:
    openssl("version")
    done = CliRunner().invoke(sm2, ["--rounds", "1", "--max-ratio", "1e9", "--json"])
    assert done.exit_code == 0
    first, *providers = json.loads(done.stdout)
    assert (first["provider"], first["sign_ratio"]) == ("openssl speed", 1)
    assert [each["provider"] for each in providers if each["in_use"]] == [sm2_provider().name]
    for each in providers:
        assert each["sign_ratio"] == pytest.approx(each["sign_us"] / first["sign_us"])
        assert each["verify_ratio"] == pytest.approx(each["verify_us"] / first["verify_us"])


def test_without_the_program_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Misconfigured, match="no openssl program"):
        sm2_speed.measure(1, 1, lambda _: None)
