"""Imports spyne 2.14.0 on every Python that vgigw supports, and nothing more of it than is used.

spyne carries a ``six`` of its own whose importer Python 3.12 no longer accepts; PyPI's ``six``
takes its place. Python 3.13 dropped ``cgi``, which the package ``legacy-cgi`` brings back.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from typing import Any

from vgigw.errors import Misconfigured

_STAND_IN = "spyne.util.six"
_MOVES = {
    "collections_abc": "collections.abc",
    "http_cookies": "http.cookies",
    "urllib": "six.moves.urllib",
    "urllib.error": "urllib.error",
    "urllib.parse": "urllib.parse",
    "urllib.request": "urllib.request",
}


def load(name: str) -> Any:
    """The module ``spyne.{name}``; ``Misconfigured`` where the extra is not installed."""
    if sys.version_info >= (3, 12) and _STAND_IN not in sys.modules:
        _replace_six()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of spyne's own age: cgi, escapes in its patterns
        try:
            return importlib.import_module(f"spyne.{name}")
        except ImportError as cause:
            raise Misconfigured("the contract compiler needs vgigw[soap-contract]") from cause


def _replace_six() -> None:
    try:
        six = importlib.import_module("six")
    except ImportError as cause:
        raise Misconfigured("the contract compiler needs vgigw[soap-contract]") from cause
    stand_in = types.ModuleType(_STAND_IN)
    stand_in.__dict__.update({k: v for k, v in vars(six).items() if not k.startswith("__")})
    # spyne's own addition to its copy.
    vars(stand_in)["get_function_name"] = lambda function: function.__name__
    sys.modules[_STAND_IN] = stand_in
    sys.modules[f"{_STAND_IN}.moves"] = six.moves
    for theirs, ours in _MOVES.items():
        sys.modules[f"{_STAND_IN}.moves.{theirs}"] = importlib.import_module(ours)
