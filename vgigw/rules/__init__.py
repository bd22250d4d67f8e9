"""The specification's "must" as pure functions: no clock, no I/O; time is an argument."""
