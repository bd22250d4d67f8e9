"""Two spellings of a name are one person. PLT-8.7b, PLT-8.11a."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.persons import person_of

names = st.text(st.sampled_from("abzABZ\u00e9\u00df\u5f20\u4e09\uff41\u0130 -'"), min_size=1)


@given(
    names, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from([" ", "\u3000", "\t"])
)
def test_plt_8_11a_case_width_blanks_and_composition_tell_no_two_persons(
    name: str, form: str, blank: str
) -> None:
    person = person_of(name)
    assert person_of(unicodedata.normalize(form, name)) == person  # type: ignore[arg-type]
    assert person_of(blank + name.replace(" ", 2 * blank) + blank) == person
    assert person_of(name.upper().casefold()) == person_of(name.casefold().upper())
    assert person_of(person) == person


@given(st.sets(st.text("abcdef", min_size=1), min_size=2, max_size=6))
def test_plt_8_11a_other_letters_are_other_persons(several: set[str]) -> None:
    assert len({person_of(each) for each in several}) == len(several)
