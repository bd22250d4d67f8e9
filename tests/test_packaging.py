"""What is built is whole: the wheel made from the sdist ships everything a gateway reads."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_BEHIND = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "build", "dist", "var", "_build"
)
PUBLISHED = (("wsdl", "*.wsdl"), ("schemas", "*.xsd"), ("schemas", "*.json"))


def published() -> dict[str, bytes]:
    """Content of each file in ``wsdl/`` and ``schemas/`` by its name inside the package."""
    return {
        f"vgigw/published/{folder}/{path.name}": path.read_bytes()
        for folder, pattern in PUBLISHED
        for path in (ROOT / folder).glob(pattern)
    }


def test_installed_package_carries_the_published_files() -> None:
    package = resources.files("vgigw")
    expected = published()
    kinds = {Path(name).suffix for name in expected}

    assert kinds == {".wsdl", ".xsd", ".json"}
    for name, content in expected.items():
        assert package.joinpath(*name.split("/")[1:]).read_bytes() == content, name


@pytest.mark.slow
def test_wheel_built_from_the_sdist_is_whole(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=LEFT_BEHIND)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(tree)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stdout + built.stderr

    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        packed = {name.partition("/")[2] for name in sdist.getnames()}
    read_by_people = [p for top in ("docs", "examples") for p in (ROOT / top).rglob("*.*")]
    for path in read_by_people:
        if not {"__pycache__", "_build"} & set(path.parts):
            assert path.relative_to(ROOT).as_posix() in packed, path

    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        shipped = {name: wheel.read(name) for name in wheel.namelist()}

    for name, content in (published() | package_sources()).items():
        assert shipped.get(name) == content, name
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in shipped)
    assert not any(name.startswith("tests/") for name in shipped)


def package_sources() -> dict[str, bytes]:
    """Modules, type marker and data of the package by their names in the wheel."""
    paths = [*(ROOT / "vgigw").rglob("*.py"), ROOT / "vgigw" / "py.typed"]
    paths += (ROOT / "vgigw" / "codec").rglob("*.toml")
    paths += [path for path in (ROOT / "vgigw" / "testing" / "data").glob("*") if path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
