"""Watching: what the bot tells those who run it, in logs, figures and pages of health, and never of whom."""
