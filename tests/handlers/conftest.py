"""Fixtures of the handlers' tests."""

from village import office

__all__ = ["office"]
