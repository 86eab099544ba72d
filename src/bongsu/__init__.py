"""Bongsu runs, watches and repairs web services."""

__version__ = "0.1.0"
