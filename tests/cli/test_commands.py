"""Commands keep their word: results on stdout, one clear line on stderr, exit codes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import vgigw
from tests.cli.processes import (
    ENVIRONMENT,
    OPERATOR,
    PLATFORM,
    ROOT,
    operator_config,
    prepared,
    result,
    run,
    serving,
)
from vgigw.cli import COMMANDS, main
from vgigw.codec import published
from vgigw.codec.reference import reference
from vgigw.rules.checks import rules_of
from vgigw.testing.example_messages import example_messages


def test_help_names_every_command_and_loads_none() -> None:
    program = (
        "import sys, time; start = time.process_time()\n"
        "from vgigw.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in ('msgspec', 'falcon', 'rich', 'lxml') if m in sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT
    )

    assert all(f"\n  {name} " in ran.stdout for name in COMMANDS)
    assert ran.stdout.endswith("[]\n")


def test_version() -> None:
    assert vgigw.__version__ in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize("command", ["serve", "doctor", "gaps", "outbox", "send"])
def test_a_missing_configuration_is_one_line_that_says_what_to_do(
    command: str, tmp_path: Path
) -> None:
    file = tmp_path / "query.json"
    file.write_text("{}")
    more = [PLATFORM, "QueryServices", str(file)] if command == "send" else []

    ran = run(command, *more, "-c", tmp_path / "none.toml")

    assert ran.returncode == (1 if command == "doctor" else 2)
    told = ran.stdout if command == "doctor" else ran.stderr
    assert "vgigw init" in told
    assert "Traceback" not in ran.stdout + ran.stderr
    if command != "doctor":
        assert ran.stdout == ""
        assert len(ran.stderr.splitlines()) == 1


def test_a_traceback_is_shown_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "options", "Holds no command of its name.")

    quiet = CliRunner().invoke(main, ["options"])
    loud = CliRunner().invoke(main, ["--debug", "options"])

    assert quiet.exit_code == 1
    assert quiet.stderr == (
        "vgigw: internal error (AttributeError); `vgigw --debug ...` shows where\n"
    )
    assert isinstance(loud.exception, AttributeError)


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, _ = prepared(tmp_path / "gw")
    monkeypatch.setitem(sys.modules, "granian", None)

    ran = CliRunner().invoke(main, ["serve", "-c", str(config)])

    assert ran.exit_code == 2
    assert 'pip install "vgigw[server]"' in ran.stderr


def test_contract_notices_a_file_that_is_not_current(tmp_path: Path) -> None:
    written = CliRunner().invoke(main, ["contract", "--out", str(tmp_path), "--json"])
    assert sorted(json.loads(written.stdout)["files"]) == sorted(
        str(tmp_path / name) for name in (*published.generate(), *example_messages())
    )
    check = ["contract", "--check", "--out", str(tmp_path)]
    assert CliRunner().invoke(main, check).exit_code == 0

    with (tmp_path / "wsdl" / "dispatch.wsdl").open("ab") as file:
        file.write(b" ")
    ran = CliRunner().invoke(main, check)

    assert (ran.exit_code, ran.stdout) == (1, "wsdl/dispatch.wsdl\n")


def test_contract_writes_and_checks_the_reference_pages(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["contract", "--docs", str(tmp_path)]).exit_code == 0
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.md")} == {
        name.removeprefix("docs/reference/") for name in reference(rules_of)
    }


def test_contract_finds_what_is_left_over_and_takes_it_away(tmp_path: Path) -> None:
    out, docs = tmp_path / "out", tmp_path / "docs"
    write = ["contract", "--out", str(out), "--docs", str(docs)]
    assert CliRunner().invoke(main, write).exit_code == 0
    messages, pages = out / "examples" / "messages", docs / "operations"
    left = (messages / "Gone" / "request.rest.http", pages / "Gone.md")
    kept = (messages / "PushArchive" / "notes.txt", pages / "Notes.md")
    (messages / "Gone").mkdir()
    for path in (*left, *kept):
        path.write_text("mine", "utf-8")
    left[1].write_bytes((pages / "PushArchive.md").read_bytes())
    changed = messages / "PushArchive" / "request.soap.xml"
    changed.write_bytes(b"<edited/>")

    stale = CliRunner().invoke(main, [*write, "--check", "--json"])

    wanted = {*(p.relative_to(out).as_posix() for p in (changed, left[0])), str(left[1])}
    assert (stale.exit_code, set(json.loads(stale.stdout)["stale"])) == (1, wanted)
    assert CliRunner().invoke(main, write).exit_code == 0
    assert CliRunner().invoke(main, [*write, "--check"]).exit_code == 0
    assert not any(path.exists() for path in (*left, messages / "Gone"))
    assert all(path.read_text("utf-8") == "mine" for path in kept)


def test_send_reaches_queues_and_explains(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    own = operator_config(tmp_path / "op", config, port)
    query, wrong = tmp_path / "query.json", tmp_path / "wrong.json"
    query.write_text('{"T1": "2026-01-01T00:00:00Z"}')
    wrong.write_text('{"T1": 5}')
    beat = {
        "LinkID": "L", "Seq": 1, "Time": "2026-01-01T00:00:00Z", "ChannelRole": 1,
        "Streams": [{"StreamID": "S", "SeqHighest": 7}],
    }  # fmt: skip
    (tmp_path / "beat.json").write_text(json.dumps(beat))

    with serving(config, port):
        answer = result("send", PLATFORM, "querytime", query, "-c", own)
        beaten = result(
            "send", PLATFORM, "notification_heartbeat", tmp_path / "beat.json", "-c", own
        )
        refused = run("send", PLATFORM, "QueryTime", wrong, "-c", own)
        stranger = run("send", "999999999", "QueryTime", query, "-c", own)
        streams = result("gaps", "-c", config)
        checks = {c["check"]: c for c in result("doctor", "-c", own)["checks"]}
    alone = run("send", PLATFORM, "QueryTime", query, "-c", own)
    queued = result("send", PLATFORM, "QueryTime", query, "-c", own, "--queue")
    letters = result("outbox", "-c", own)

    assert answer["T1"].startswith("2026-01-01T00:00:00")
    assert beaten["Seq"] == 1
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "/T1" in refused.stderr
    assert stranger.returncode == 2
    assert PLATFORM in stranger.stderr
    assert [(g["first"], g["last"]) for s in streams for g in s["gaps"]] == [(1, 7)]
    assert checks[f"peer {PLATFORM}"]["state"] == "ok"
    assert "its clock is" in checks[f"peer {PLATFORM}"]["found"]
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "cannot be reached" in alone.stderr
    assert [(each["id"], each["state"]) for each in letters] == [(queued["letter"], "waiting")]


def test_send_repeats_the_same_message_while_the_peer_is_not_reached(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    own = operator_config(tmp_path / "op", config, port)
    asked = {"OperatorID": OPERATOR, "OperatorSecret": "secret-secret"}
    (tmp_path / "ask.json").write_text(json.dumps(asked))
    bodies: list[bytes] = []

    def hang_up(listener: socket.socket) -> None:
        for _ in range(3):
            connection, _address = listener.accept()
            with connection, connection.makefile("rb") as stream:
                headers = list(iter(stream.readline, b"\r\n"))
                sizes = [int(h.split()[1]) for h in headers if h.lower().startswith(b"content-l")]
                bodies.append(stream.read(sizes[0]))

    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(10)
        deaf = threading.Thread(target=hang_up, args=(listener,))
        deaf.start()
        ran = run("send", PLATFORM, "QueryToken", tmp_path / "ask.json", "-c", own, "--tries", "3")
        deaf.join()

    assert (ran.returncode, ran.stdout) == (1, "")
    assert len(bodies) == 3
    assert set(bodies) == {bodies[0]}
    assert json.loads(bodies[0]) == asked
    assert "secret-secret" not in ran.stderr


def test_doctor_fails_with_advice_where_the_secrets_differ(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    own = operator_config(tmp_path / "op", config, port)
    other = tmp_path / "other.txt"
    other.write_text("not the same secret")
    other.chmod(0o644)
    text = own.read_text()
    named = next(line for line in text.splitlines() if line.startswith("sig_secret"))
    own.write_text(text.replace(named, f'sig_secret = "file:{other}"'))

    with serving(config, port):
        ran = run("doctor", "-c", own, "--json")

    found = json.loads(ran.stdout)
    checks = {c["check"]: c for c in found["checks"]}
    assert ran.returncode == 1
    assert found["ok"] is False
    assert checks[f"peer {PLATFORM}"]["state"] == "fail"
    assert "compare the secrets" in checks[f"peer {PLATFORM}"]["advice"]
    assert [c["advice"] for c in found["checks"] if c["state"] == "warn"] == [f"chmod 600 {other}"]


def test_doctor_fails_where_another_program_has_the_port_and_a_secret_is_missing(
    tmp_path: Path,
) -> None:
    config, port = prepared(tmp_path / "gw")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        taken = run("doctor", "-c", config, "--json")
        served = run("serve", "-c", config)
    (tmp_path / "gw" / "secrets" / f"{OPERATOR}-sig_secret.txt").unlink()
    lost = run("doctor", "-c", config, "--json")

    states = {c["check"]: c["state"] for c in json.loads(taken.stdout)["checks"]}
    assert (taken.returncode, states["port"]) == (1, "fail")
    assert served.returncode == 2
    assert "listen.port" in served.stderr
    assert {c["check"] for c in json.loads(lost.stdout)["checks"] if c["state"] == "fail"} == {
        "secrets"
    }
