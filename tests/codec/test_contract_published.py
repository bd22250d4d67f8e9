"""The published files are what the declarations say, to the byte, on every Python. ACC-7.6."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from vgigw.codec import published
from vgigw.objects import OBJECTS
from vgigw.operations import FACES, PUBLISHED

ROOT = Path(__file__).resolve().parents[2]
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP11 = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SOAP12 = "{http://schemas.xmlsoap.org/wsdl/soap12/}"


def wsdl(face: str) -> etree._Element:
    return etree.fromstring((ROOT / "wsdl" / f"{face}.wsdl").read_bytes())


def test_published_files_have_not_drifted_from_the_declarations() -> None:
    assert published.check() == []
    assert published.check(ROOT) == []


def test_drift_is_seen_a_changed_a_missing_and_a_foreign_file(tmp_path: Path) -> None:
    names = published.write(tmp_path)
    assert published.check(tmp_path) == []
    (tmp_path / "wsdl" / "common.wsdl").write_bytes(b"<changed/>")
    (tmp_path / "schemas" / "Token.schema.json").unlink()
    (tmp_path / "schemas" / "Foreign.schema.json").write_bytes(b"{}")
    assert published.check(tmp_path) == [
        "schemas/Foreign.schema.json",
        "schemas/Token.schema.json",
        "wsdl/common.wsdl",
    ]
    assert len(names) == len(FACES) + 2 + len(OBJECTS)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_bytes_do_not_depend_on_the_process(seed: str) -> None:
    program = (
        "import hashlib; from vgigw.codec.published import generate;"
        "print(hashlib.sha256(b''.join(generate().values())).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
    )
    here = hashlib.sha256(b"".join(published.generate().values())).hexdigest()
    assert done.stdout.strip() == here, done.stderr


@pytest.mark.parametrize("face", FACES)
def test_a_face_carries_its_operations_in_both_soap_versions(face: str) -> None:
    expected = [row.name for row in PUBLISHED if face in row.faces]
    document = wsdl(face)
    port_type = document.find(f"{WSDL}portType")
    assert port_type is not None
    assert [node.get("name") for node in port_type.findall(f"{WSDL}operation")] == expected
    for soap in (SOAP11, SOAP12):
        actions = [node.get("soapAction") for node in document.iter(f"{soap}operation")]
        assert actions == [f"urn:vgigw:v1/{name}" for name in expected]
        headers = {node.get("message") for node in document.iter(f"{soap}header")}
        assert headers == {"tns:MessageHeader"}
        assert {node.get("name") for node in document.iter(f"{soap}fault")} == {"Refusal"}
        assert len(list(document.iter(f"{soap}address"))) == 1


def test_every_operation_is_on_a_face_and_parts_are_called_parameters() -> None:
    found = set()
    for face in FACES:
        for message in wsdl(face).findall(f"{WSDL}message"):
            name = message.get("name")
            assert [part.get("name") for part in message] == [
                name if name in {"MessageHeader", "Refusal"} else "parameters"
            ]
            found.add(name)
    assert {row.name for row in PUBLISHED} <= found


@pytest.mark.parametrize("face", FACES)
def test_the_served_wsdl_has_our_address_in_both_ports_and_nothing_else_changed(face: str) -> None:
    address = 'https://gw.example/soap/x?a=1&b="2"'
    served = etree.fromstring(published.served_wsdl(face, address))
    for soap in (SOAP11, SOAP12):
        assert [node.get("location") for node in served.iter(f"{soap}address")] == [address]
    for node in served.iter(f"{SOAP11}address", f"{SOAP12}address"):
        node.set("location", f"http://127.0.0.1:8080/soap/{face}")
    assert etree.tostring(served) == etree.tostring(wsdl(face))


def test_no_wsdl_is_served_for_a_face_that_is_none() -> None:
    with pytest.raises(KeyError):
        published.served_wsdl("../../etc/passwd", "http://x")


def test_serving_a_wsdl_needs_no_spyne() -> None:
    program = (
        "import sys; sys.modules['spyne'] = None;"
        "from vgigw.codec.published import served_wsdl;"
        "print(len(served_wsdl('common', 'http://x')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert int(done.stdout) > 10_000, done.stderr


def test_without_spyne_the_compiler_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['spyne'] = None\n"
        "from vgigw.codec.wsdl import wsdl_document\nfrom vgigw.errors import Misconfigured\n"
        "try: wsdl_document('common')\nexcept Misconfigured as e: print(e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert "vgigw[soap-contract]" in done.stdout, done.stderr
