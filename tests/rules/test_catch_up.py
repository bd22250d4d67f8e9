"""After an outage what is new goes at once and what waited beside it. PLT-7.9d."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.catch_up import MOST_NEW, ROUND, next_round

LETTERS = st.lists(st.integers(), unique=True, max_size=3 * ROUND)


@given(everything=LETTERS, data=st.data())
def test_plt_7_9d_a_round_is_urgent_then_new_and_at_least_half_of_the_rest_waited(
    everything: list[int], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(everything)))
    second = data.draw(st.integers(first, len(everything)))
    urgent, new, waited = everything[:first], everything[first:second], everything[second:]

    found = next_round(urgent, new, waited)

    assert len(found) == min(ROUND, len(everything))
    assert len(set(found)) == len(found)
    assert found[: len(urgent)] == urgent[:ROUND]
    left = ROUND - min(len(urgent), ROUND)
    assert [each for each in found if each in new][:MOST_NEW] == new[: min(MOST_NEW, left)]
    share = len([each for each in found if each in waited])
    assert share >= min(len(waited), max(left - MOST_NEW, 0))
    assert [each for each in found if each in waited] == waited[:share]


@given(new=LETTERS)
def test_what_is_both_new_and_waited_goes_once(new: list[int]) -> None:
    assert next_round([], new, new) == new[:ROUND]
