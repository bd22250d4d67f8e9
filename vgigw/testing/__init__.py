"""Public test kit: contract tests for plug-ins, and what else a test of a gateway needs."""
