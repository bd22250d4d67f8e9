"""THE CORRIDOR: unseal, decode, allowed, fresh, handle, encode, seal. No I/O, no global."""

from vgigw.gateway.gateway import Gateway

__all__ = ["Gateway"]
