"""Tests of vgigw, one folder a floor."""
