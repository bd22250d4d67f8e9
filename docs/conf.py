"""How Sphinx reads these pages: Markdown only, nothing of the code is imported."""

from configparser import ConfigParser
from pathlib import Path

_settings = ConfigParser()
_settings.read(Path(__file__).parent.parent / "setup.cfg", encoding="utf-8")

project = "vgigw"
copyright = "The vgigw contributors"
release = _settings["metadata"]["version"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "decisions/template.md"]
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": _settings["metadata"]["description"], "page_width": "64rem"}
