"""The marshmallow field of each kind of value; each fault has our code and our words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

import marshmallow
import msgspec
from marshmallow import fields

from vgigw.codec.settle import FIRST_YEAR, FOREIGN, LAST_YEAR, quantised, utc_instant
from vgigw.codec.shape import Kind, Member
from vgigw.codec.tolerance import as_integer, midnight


class Fault(str):
    """A message that carries its code; names the limit, never the value."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, message: str) -> Self:
        fault = super().__new__(cls, message)
        fault.code = code
        return fault


# A text with half a surrogate pair, which JSON can escape, is one that msgspec cannot encode.
_NOT_SPELT = (msgspec.ValidationError, UnicodeEncodeError)

# In a list, because marshmallow formats a bare text and so would lose the code.
PRESENCE: dict[str, Any] = {
    "required": [Fault("required", "is required")],
    "null": [Fault("null", "must not be null")],
}


def refuse(code: str, message: str) -> marshmallow.ValidationError:
    """The error for one fault, to be raised."""
    return marshmallow.ValidationError([Fault(code, message)])


class OneField(fields.Field[Any]):
    """One value of a member."""

    def __init__(self, member: Member, presence: dict[str, Any]) -> None:
        super().__init__(**presence)
        self.member = member

    def read(self, value: Any) -> Any:
        """The value as the object holds it; raises ``ValidationError``."""
        raise NotImplementedError

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return self.read(value)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return msgspec.to_builtins(value, builtin_types=(Decimal,))

    def in_range(self, value: Any) -> None:
        low_open, low, high = self.member.gt, self.member.ge, self.member.le
        below = (low_open is not None and not value > low_open) or (
            low is not None and not value >= low
        )
        if below or (high is not None and not value <= high):
            lower = f"above {low_open}" if low_open is not None else f"at least {low}"
            limits = [lower] if low_open is not None or low is not None else []
            limits += [f"at most {high}"] if high is not None else []
            raise refuse("out_of_range", "must be " + " and ".join(limits))


def read_text(member: Member, value: Any) -> str:
    """``value`` if it is text within the limits of ``member``; also for keys of a map."""
    if not isinstance(value, str):
        raise refuse("type", "must be a text")
    faults = []
    if member.min_length is not None and len(value) < member.min_length:
        faults.append(Fault("too_short", f"at least {member.min_length} characters"))
    if member.max_length is not None and len(value) > member.max_length:
        faults.append(Fault("too_long", f"at most {member.max_length} characters"))
    if FOREIGN.search(value):
        faults.append(Fault("character", "holds a character that XML 1.0 does not allow"))
    if faults:
        raise marshmallow.ValidationError(list(faults))
    return value


class TextField(OneField):
    def read(self, value: Any) -> str:
        return read_text(self.member, value)


class IntegerField(OneField):
    def read(self, value: Any) -> int:
        number = as_integer(value)
        if isinstance(number, bool) or not isinstance(number, int):
            raise refuse("type", "must be an integer")
        self.in_range(number)
        return number


class FloatField(OneField):
    def read(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise refuse("type", "must be a number")
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        except ValueError:
            number = float("nan")
        if number - number != 0.0:
            raise refuse("out_of_range", "must be a finite number")
        self.in_range(number)
        return number or 0.0


class DecimalField(OneField):
    def read(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise refuse("type", "must be a number")
        try:
            number = msgspec.convert(value, Decimal)
        except _NOT_SPELT as error:
            raise refuse("type", "must be a number") from error
        if not number.is_finite():
            raise refuse("out_of_range", "must be a finite number")
        self.in_range(number)
        assert self.member.places is not None  # noqa: S101 - narrows for the type checker
        exact = quantised(number, self.member.places)
        if exact is None:
            raise refuse("resolution", f"at most {self.member.places} decimal places")
        return exact


class BooleanField(OneField):
    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("type", "must be true or false")
        return value


class InstantField(OneField):
    def read(self, value: Any) -> datetime:
        if isinstance(value, str):
            try:
                value = msgspec.convert(midnight(value), datetime)
            except _NOT_SPELT as error:
                raise refuse("format", "must be a date and time, seconds included") from error
        if not isinstance(value, datetime):
            raise refuse("type", "must be a date and time as text")
        instant = utc_instant(value)
        if instant is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise refuse("out_of_range", f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
        if instant.microsecond % 1000:
            raise refuse("resolution", "at most 3 places of a second")
        return instant


class DayField(OneField):
    def read(self, value: Any) -> date:
        if isinstance(value, str):
            try:
                return msgspec.convert(value, date)
            except _NOT_SPELT as error:
                raise refuse("format", "must be a date, yyyy-MM-dd") from error
        if isinstance(value, datetime) or not isinstance(value, date):
            raise refuse("type", "must be a date as text")
        return value


class ChoiceField(OneField):
    def read(self, value: Any) -> Any:
        assert self.member.enumeration is not None  # noqa: S101 - narrows for the type checker
        if self.member.kind is Kind.NUMBER_CHOICE:
            value = as_integer(value)
            fits = isinstance(value, int) and not isinstance(value, bool)
            wanted = "must be an integer"
        else:
            fits, wanted = isinstance(value, str), "must be a text"
        if not fits:
            raise refuse("type", wanted)
        if value not in self.member.choices:
            choices = ", ".join(str(choice) for choice in self.member.choices)
            raise refuse("not_in_enumeration", f"must be one of {choices}"[:200])
        return self.member.enumeration(value)


class MapField(FloatField):
    def read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse("type", "must be an object of numbers")
        read: dict[str, float] = {}
        faults: dict[Any, Any] = {}
        for key, item in value.items():
            found: list[Any] = []
            try:
                read_text(self.member, key)
            except marshmallow.ValidationError as error:
                found += error.messages
            try:
                read[key] = super().read(item)
            except marshmallow.ValidationError as error:
                found += error.messages
            if found:
                faults[key] = found
        if faults:
            raise marshmallow.ValidationError(faults)
        return read


class ManyField(fields.List[Any]):
    """A list with its least and most items; gives a tuple."""

    def __init__(self, member: Member, one: fields.Field[Any], presence: dict[str, Any]) -> None:
        super().__init__(one, **presence)
        self.member = member

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise refuse("type", "must be a list")
        if len(value) < self.member.min_items:
            raise refuse("too_few", f"at least {self.member.min_items} items")
        if self.member.max_items is not None and len(value) > self.member.max_items:
            raise refuse("too_many", f"at most {self.member.max_items} items")
        items: Iterable[Any] = super()._deserialize(value, attr, data, **kwargs)
        return tuple(items)
