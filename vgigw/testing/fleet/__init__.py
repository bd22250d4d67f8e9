"""A simulated fleet whose sessions come from measured charging behaviour."""

from vgigw.testing.fleet.fleet import Fleet
from vgigw.testing.fleet.records import batches

__all__ = ["Fleet", "batches"]
