"""Suites that keep a message secret and genuine; they know bytes, never what a message means."""
