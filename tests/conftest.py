"""What holds for every test: on which kind of store it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.stores import fresh

# No example is timed: how long one takes says what else the machine does.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the fixtures, since they make stores, too."""
    fresh.on_postgres(item.get_closest_marker("own_store") is None)


@pytest.fixture(scope="session", autouse=True)
def _schemas_dropped() -> Iterator[None]:
    with fresh.dropped_in_the_end():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much of a run on PostgreSQL was none."""
    if fresh.ASKED:
        reports = terminalreporter.stats.get("passed", [])
        own = [each for each in reports if "own_store" in each.keywords]
        terminalreporter.write_line(f"{len(own)} of those that passed kept to a store of their own")
