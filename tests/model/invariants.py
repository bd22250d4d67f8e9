"""I1 to I18 as far as a step can break them, each by its own check; the same for every world.

A check gets what everybody was told and what the stores say, and says what is wrong, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from tests.model.ledger import Facts, Ledger, Outcome


class Violated(AssertionError):
    """``number`` is that of the invariant."""

    def __init__(self, number: str, words: str) -> None:
        self.number = number
        super().__init__(f"{number}: {words}")


def i1_what_was_acknowledged_is_durable(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for place, messages in ledger.acknowledged.items():
        for key in messages.keys() - facts.durable[place].keys():
            yield f"{key} was acknowledged at {place} and is not there"


def i2_content_is_unique_and_never_changes(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for place, messages in facts.durable.items():
        for key, digest in messages.items():
            if ledger.first_seen.setdefault((place, key), digest) != digest:
                yield f"{key} at {place} has another content than before"


def i3_a_watermark_never_falls(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for stream, number in facts.watermarks.items():
        before = ledger.watermarks.get(stream, number)
        ledger.watermarks[stream] = number
        if number < before:
            yield f"the watermark of {stream} fell from {before} to {number}"


def i4_a_number_is_given_once(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for before, after in pairwise(ledger.numbers):
        if after <= before:
            yield f"number {after} was given after {before}"


def i5_one_epoch_commits_at_a_time(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for own, present in ledger.commits:
        if own != present:
            yield f"epoch {own} committed in epoch {present}"
    ledger.commits.clear()


def i6_each_is_applied_once_and_in_order(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for what in facts.twice:
        yield f"{what} was applied twice"


def i7_nothing_accepted_is_nowhere(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for place, keys in facts.sent.items():
        for key in keys - facts.durable[place].keys():
            yield f"{key} counts as delivered to {place} and is not there"
    for party in facts.unalarmed:
        yield f"{party} has dead letters and no alarm of them"
    somewhere = facts.arrived | facts.under_way | facts.dead
    for key, outcome in ledger.outcomes.items():
        if outcome is Outcome.OK and key not in somewhere:
            yield f"{key} is neither delivered nor under way nor dead"


def i8_a_repeat_gets_its_answer_and_a_conflict_none(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for key, first, again in ledger.replies:
        if first != again:
            yield f"{key} was answered {first}, and then {again}"
    for key, taken in ledger.conflicts:
        if taken:
            yield f"another content was taken in under {key}"
    ledger.replies.clear()
    ledger.conflicts.clear()


def i9_a_gap_is_open_or_filled_or_declared(ledger: Ledger, facts: Facts) -> Iterator[str]:
    if facts.missing != facts.open_gaps:
        yield f"missing {sorted(facts.missing)}, open {sorted(facts.open_gaps)}"
    held = {number for number in facts.known if ("record", number) in facts.durable["platform"]}
    for number in facts.known - held - facts.missing - facts.declared:
        yield f"{number} is neither held nor missing nor declared"
    source = facts.durable["operator"]
    for number in facts.declared:
        if ("record", number) in source and number not in held:
            yield f"{number} was closed without its data, which its source has"


def i10_a_command_is_carried_out_once_and_in_time(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for what in facts.twice:
        if what.startswith("command"):
            yield f"{what} was carried out twice"
    for what in facts.late:
        yield f"{what} was carried out after its end"


def i13_every_message_has_its_chain(ledger: Ledger, facts: Facts) -> Iterator[str]:
    yield from facts.untraced


def i14_nothing_forged_is_taken_in(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for what, taken in ledger.forged:
        if taken:
            yield f"{what} was taken in"
    ledger.forged.clear()


def i16_live_never_goes_back(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for what, at in facts.newest.items():
        before = ledger.newest.get(what, at)
        ledger.newest[what] = at
        if at < before:
            yield f"the newest of {what} went back from {before} to {at}"
    for what in facts.marked_live:
        yield f"{what} was asked for and is marked as live"


def i18_a_recall_says_exactly_what_is_stored(ledger: Ledger, facts: Facts) -> Iterator[str]:
    for name, recall in ledger.recalls.items():
        if recall.told != len(recall.stored):
            yield f"{name}: told of {recall.told} records, {len(recall.stored)} were stored"
        if recall.declared & recall.stored:
            yield f"{name}: declared what was stored"
        came = facts.recalled.get(name)
        if came is not None and not recall.stored <= came:
            yield f"{name}: brought {sorted(came)} of {sorted(recall.stored)}"
    for number in facts.recalled.get("all", ()):
        yield f"{number} was brought, and nobody had asked for it"


def i15_everything_comes_to_its_end(ledger: Ledger, facts: Facts) -> Iterator[str]:
    """Asked where every fault is over and everybody had time."""
    for what in facts.waiting:
        yield f"{what} still waits"
    for place, messages in ledger.acknowledged.items():
        if place == "operator":
            for key in messages.keys() - facts.durable["platform"].keys():
                yield f"{key} never came"


Check = Callable[[Ledger, Facts], Iterator[str]]

ALWAYS: Mapping[str, Check] = {
    "I1": i1_what_was_acknowledged_is_durable,
    "I2": i2_content_is_unique_and_never_changes,
    "I3": i3_a_watermark_never_falls,
    "I4": i4_a_number_is_given_once,
    "I5": i5_one_epoch_commits_at_a_time,
    "I10": i10_a_command_is_carried_out_once_and_in_time,
    "I6": i6_each_is_applied_once_and_in_order,
    "I9": i9_a_gap_is_open_or_filled_or_declared,
    "I7": i7_nothing_accepted_is_nowhere,
    "I8": i8_a_repeat_gets_its_answer_and_a_conflict_none,
    "I13": i13_every_message_has_its_chain,
    "I14": i14_nothing_forged_is_taken_in,
    "I16": i16_live_never_goes_back,
    "I18": i18_a_recall_says_exactly_what_is_stored,
}
IN_THE_END: Mapping[str, Check] = {"I15": i15_everything_comes_to_its_end}


def check(checks: Mapping[str, Check], ledger: Ledger, facts: Facts) -> None:
    """Raises ``Violated`` with the first that does not hold."""
    for number, holds in checks.items():
        for words in holds(ledger, facts):
            raise Violated(number, words)
