"""The T/CEC 102 door."""
