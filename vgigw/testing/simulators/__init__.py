"""Simulated parties on real sockets: a charging operator with a fleet, a dispatch system."""
