"""Whole processes killed under load."""
