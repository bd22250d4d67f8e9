"""Schemas are compiled one at a time, whoever asks: the first requests of a server come at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import etree

from vgigw.codec import xsd
from vgigw.objects import Heartbeat, MessageHeader, Token, TokenRequest

CLASSES = (Heartbeat, MessageHeader, Token, TokenRequest)


def test_two_threads_never_compile_a_schema_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compile_schema, inside, most = etree.XMLSchema, 0, 0
    counting = threading.Lock()

    def watched(document: Any) -> etree.XMLSchema:
        nonlocal inside, most
        with counting:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        schema = compile_schema(document)
        with counting:
            inside -= 1
        return schema

    monkeypatch.setattr("vgigw.codec.xsd.etree.XMLSchema", watched)
    with ThreadPoolExecutor(len(CLASSES)) as pool:
        found = list(pool.map(xsd.object_validator.__wrapped__, CLASSES))

    assert len(found) == len(CLASSES)
    assert most == 1
