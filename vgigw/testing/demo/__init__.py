"""The demonstration: a real gateway process between an operator and a dispatch system."""

from vgigw.testing.demo.findings import SHORT, Check, Load, Report
from vgigw.testing.demo.run import run

__all__ = ["SHORT", "Check", "Load", "Report", "run"]
