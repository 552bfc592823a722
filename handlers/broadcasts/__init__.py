"""Broadcasts: composing one, seeing beforehand who gets it, sending, and what became of it."""
