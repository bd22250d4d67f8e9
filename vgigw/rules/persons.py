"""Who is one person, as approvals and confirmations name persons: by a name that people type."""

from __future__ import annotations

import unicodedata


def person_of(name: str) -> str:
    """What two spellings of one person's name have in common: case, width, the number of blanks
    and composed or decomposed letters say nothing. PLT-8.7b, PLT-8.11a."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
