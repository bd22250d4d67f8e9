"""Compilers and clients of other languages take the WSDLs as they are. ACC-7.6, PLT-7.1c.

Each runs where its tool is installed: gsoap, jaxws, php-cli with php-soap and php-xml,
libxml2-utils, a JDK.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests.cli.processes import DISPATCH, PLATFORM, ROOT, prepared, serving
from vgigw.codec import published, xml, xsd
from vgigw.codec.example import example
from vgigw.codec.wsdl import operations_of
from vgigw.operations import FACES, OPERATIONS, Role

each_face = pytest.mark.parametrize("face", FACES)


def tool(name: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def ran(*command: str | Path, cwd: Path) -> str:
    """What a program that ended well said."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    return said


def php() -> str:
    found = tool("php")
    modules = subprocess.run([found, "-m"], capture_output=True, text=True, timeout=60).stdout
    if not {"soap", "dom"} <= set(modules.split()):
        pytest.skip("php has no soap or no dom")
    return found


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract as it is generated now."""
    folder = tmp_path_factory.mktemp("contract")
    published.write(folder)
    return folder


@each_face
def test_gsoap_makes_a_function_in_c_of_each_operation(
    face: str, contract: Path, tmp_path: Path
) -> None:
    wsdl2h, soapcpp2, compiler = tool("wsdl2h"), tool("soapcpp2"), tool("gcc")
    said = ran(wsdl2h, "-c", "-o", "vgi.h", contract / "wsdl" / f"{face}.wsdl", cwd=tmp_path)
    said += ran(soapcpp2, "-c", "-C", "-x", "-L", "vgi.h", cwd=tmp_path)

    assert "error" not in said.lower()
    stub = (tmp_path / "soapStub.h").read_text("utf-8")
    for row in operations_of(face):
        assert f" soap_call___ns1__{row.name}(" in stub, row.name
    if Path("/usr/include/stdsoap2.h").exists():
        ran(compiler, "-fsyntax-only", "-w", "-I.", "soapClient.c", cwd=tmp_path)


@each_face
def test_java_makes_classes_of_every_message(face: str, contract: Path, tmp_path: Path) -> None:
    wsimport = tool("wsimport")
    wsdl = contract / "wsdl" / f"{face}.wsdl"
    options = ("-extension", "-keep", "-Xnocompile", "-p", "vgi")

    said = ran(wsimport, *options, "-d", tmp_path, wsdl, cwd=tmp_path)

    assert "[ERROR]" not in said
    made = {path.stem for path in (tmp_path / "vgi").glob("*.java")}
    for row in operations_of(face):
        assert {row.name, f"{row.name}Response", row.response.__name__} <= made


_LIST = """
foreach (array_slice($argv, 1) as $wsdl) {
    foreach ([SOAP_1_1, SOAP_1_2] as $version) {
        $options = ['cache_wsdl' => WSDL_CACHE_NONE, 'soap_version' => $version];
        $client = new SoapClient($wsdl, $options);
        echo implode("\\n", $client->__getFunctions()), "\\n\\n";
    }
}
"""


def test_php_lists_every_operation_once_for_each_version_of_soap(
    contract: Path, tmp_path: Path
) -> None:
    files = [contract / "wsdl" / f"{face}.wsdl" for face in FACES]

    listed = ran(php(), "-r", _LIST, *files, cwd=tmp_path).strip().split("\n\n")

    wanted = [
        sorted([f"{row.name}Response {row.name}({row.name} $parameters)" for row in carried] * 2)
        for carried in map(operations_of, FACES)
    ]
    assert [sorted(part.split("\n")) for part in listed[::2]] == wanted
    assert listed[1::2] == listed[::2]


def test_php_signs_calls_and_checks_the_answers_of_a_served_gateway(tmp_path: Path) -> None:
    pytest.importorskip("granian")
    interpreter = php()
    config, port = prepared(tmp_path / "gw")
    program, secrets = ROOT / "examples" / "dispatch_soap_client.php", tmp_path / "gw" / "secrets"
    url = f"http://127.0.0.1:{port}"
    offered = 1 + sum(row.may_call(Role.DISPATCH, Role.PLATFORM) for row in OPERATIONS)

    with serving(config, port):
        for version in ("1.1", "1.2"):
            said = ran(
                interpreter, program, url, DISPATCH, secrets, PLATFORM, version, cwd=tmp_path
            )
            lines = said.splitlines()
            assert lines[0] == "token of 64 characters"
            assert lines[1].startswith("the clock there says 20")
            assert lines[1].endswith("+08:00")
            assert lines[2] == f"operations offered: {offered}"
            assert lines[3:] == ["refused with code 4201: no such object"]
        stranger = subprocess.run(
            [interpreter, program, url, DISPATCH, secrets, "999999999"],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert stranger.returncode != 0
    assert "the answer is not signed by the peer" in stranger.stdout + stranger.stderr


def messages(folder: Path) -> tuple[set[str], set[str]]:
    """Files of every request and answer, and of the same with one member too many, by name."""
    good, bad = set(), set()
    for row in OPERATIONS:
        for name, cls in ((row.name, row.request), (f"{row.name}Response", row.response)):
            written = xsd.wrap(name, example(cls))
            (folder / f"{name}.xml").write_bytes(written)
            good.add(f"{name}.xml")
            wrapper = xml.parse(written)
            etree.SubElement(wrapper[0], xml.tag("Flavour")).text = "1"
            (folder / f"{name}-bad.xml").write_bytes(etree.tostring(wrapper))
            bad.add(f"{name}-bad.xml")
    return good, bad


def test_xmllint_takes_every_message_and_refuses_it_with_a_member_too_many(
    contract: Path, tmp_path: Path
) -> None:
    xmllint, schema = tool("xmllint"), contract / "schemas" / "vgigw.xsd"
    good, bad = messages(tmp_path)

    ran(xmllint, "--noout", "--schema", schema, *sorted(good), cwd=tmp_path)
    refused = subprocess.run(
        [xmllint, "--noout", "--schema", str(schema), *sorted(bad)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert {line.split(" ")[0] for line in refused.stderr.splitlines() if "fails" in line} == bad


def test_xerces_takes_every_message_and_refuses_it_with_a_member_too_many(
    contract: Path, tmp_path: Path
) -> None:
    java = tool("java")
    tool("javac")
    good, bad = messages(tmp_path)
    program, schema = Path(__file__).with_name("Validate.java"), contract / "schemas" / "vgigw.xsd"

    said = ran(java, program, schema, *sorted(good | bad), cwd=tmp_path)

    verdicts = {name: verdict for verdict, name in map(str.split, said.splitlines())}
    assert verdicts == dict.fromkeys(good, "valid") | dict.fromkeys(bad, "refused")
