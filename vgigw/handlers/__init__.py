"""Ready-made handlers: what an operation means, as functions of a call and a transaction."""

from vgigw.handlers.builtin import builtin
from vgigw.handlers.marks import handles

__all__ = ["builtin", "handles"]
