"""Tests of the corridor: order, repeats, tokens, outbox."""
