"""Is a message of now: the time window, the 14-digit time stamp, and Seq within its second.

A time stamp has no zone on the wire; it is Beijing time. ACC-5.3, and section 1.1 of the notes on
T/CEC 102.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from vgigw.errors import Busy, Malformed, NotFresh

WINDOW_S: Final = 300
"""How far a sender's clock may be off, in seconds; our own figure, the protocol gives none."""

SEQS_A_SECOND: Final = 9999
MAX_AHEAD_S: Final = 60
"""How far time stamps may run ahead of the clock when seconds are used up."""

LONGEST_LIFE_S: Final = 600
"""From Created to Expires of a WS-Security Timestamp; our own figure, twice what stacks write."""

_BEIJING_OFFSET: Final = timedelta(hours=8)
_SECOND: Final = timedelta(seconds=1)


def is_fresh(sent_at: datetime, now: datetime, window_s: float = WINDOW_S) -> bool:
    """Whether the two are at most ``window_s`` apart."""
    return abs((sent_at - now).total_seconds()) <= window_s


def check_fresh(sent_at: datetime, now: datetime, window_s: float = WINDOW_S) -> None:
    """Raise :class:`~vgigw.errors.NotFresh` where the two are more than ``window_s`` apart.

    The message says by how many seconds the sender's clock is off, and to which side. ACC-5.3.
    """
    if not is_fresh(sent_at, now, window_s):
        off_s = (sent_at - now).total_seconds()
        side = "ahead of" if off_s > 0 else "behind"
        raise NotFresh(
            f"the time stamp is {abs(off_s):.0f} s {side} our clock; at most {window_s:.0f} s",
            ahead_s=off_s,
        )


def check_life(created: datetime, expires: datetime, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.NotFresh` for a message that has expired, or lives too long.

    Whether ``created`` is of now is asked by :func:`check_fresh`.
    """
    life_s = (expires - created).total_seconds()
    if not 0 < life_s <= LONGEST_LIFE_S:
        raise NotFresh(
            f"Expires is {life_s:.0f} s after Created; up to {LONGEST_LIFE_S} s are allowed"
        )
    if expires <= now:
        raise NotFresh(f"expired {(now - expires).total_seconds():.0f} s ago")


def check_same_time(time_stamp: datetime, created: datetime) -> None:
    """Raise :class:`~vgigw.errors.NotFresh` where the two times of one message are far apart."""
    apart_s = (time_stamp - created).total_seconds()
    if abs(apart_s) > WINDOW_S:
        raise NotFresh(
            f"TimeStamp is {apart_s:+.0f} s from Created; it is Beijing time, and Created is UTC"
        )


def parse_time_stamp(text: str) -> datetime:
    """``yyyyMMddHHmmss`` in Beijing time to an aware datetime in UTC.

    Raises :class:`~vgigw.errors.Malformed` for whatever is not 14 ASCII digits of a real time.
    """
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        raise Malformed("TimeStamp is not yyyyMMddHHmmss")
    year, rest = int(text[:4]), [int(text[at : at + 2]) for at in range(4, 14, 2)]
    month, day, hour, minute, second = rest
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _BEIJING_OFFSET
    except (ValueError, OverflowError) as cause:
        raise Malformed("TimeStamp is not a time") from cause


def write_time_stamp(now: datetime) -> str:
    """An aware datetime as ``yyyyMMddHHmmss`` in Beijing time; a part of a second is cut off."""
    beijing = now.astimezone(UTC) + _BEIJING_OFFSET
    return f"{beijing.year:04d}{beijing:%m%d%H%M%S}"


class SecondSequence(NamedTuple):
    """The place of one message in its second: what TimeStamp and Seq are written from.

    ``second`` is in UTC without a part of a second, ``number`` runs from 1 to 9999.
    """

    second: datetime
    number: int

    @property
    def time_stamp(self) -> str:
        return write_time_stamp(self.second)

    @property
    def seq(self) -> str:
        return f"{self.number:04d}"


def next_seq(last: SecondSequence | None, now: datetime) -> SecondSequence:
    """The place of the next message of a sender, never given before. T/CEC 102.

    Both TimeStamp and Seq are to be written from it. Where a second is used up, the next one is
    begun early, up to 60 s ahead of the clock; then :class:`~vgigw.errors.Busy` is raised. A
    clock that is set back by at most 60 s does not make the numbers repeat; one that is set back
    by more is believed.
    """
    second = now.astimezone(UTC).replace(microsecond=0)
    if last is None or last.second < second or last.second - second > MAX_AHEAD_S * _SECOND:
        return SecondSequence(second, 1)
    if last.number < SEQS_A_SECOND:
        return SecondSequence(last.second, last.number + 1)
    if last.second - second == MAX_AHEAD_S * _SECOND:
        raise Busy("sequence numbers of this second are used up, try again")
    return SecondSequence(last.second + _SECOND, 1)
