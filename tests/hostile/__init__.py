"""Hostile input to a gateway that is served in a process, and to what it calls. F75 to F80, F88."""
