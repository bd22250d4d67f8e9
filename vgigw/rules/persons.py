"""Who is one person, as approvals and confirmations name persons: by a name that people type."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def person_of(name: str) -> str:
    """What two spellings of one person's name have in common: case, width, the number of blanks
    and composed or decomposed letters say nothing. PLT-8.7b, PLT-8.11a."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def persons_of(names: Iterable[str]) -> tuple[str, ...]:
    """Each different person of ``names`` once, without blanks around or between too many; who has
    no name is nobody."""
    persons = {person_of(name): " ".join(name.split()) for name in names}
    persons.pop("", None)
    return tuple(persons.values())
