"""Tests of configuration, serving, logs."""
