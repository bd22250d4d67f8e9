"""Tests of what each operation means."""
