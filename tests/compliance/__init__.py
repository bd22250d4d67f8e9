"""Tests that hold a requirement of the catalogue as a whole."""
