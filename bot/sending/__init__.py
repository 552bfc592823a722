"""Sending: letters and broadcasts, over one pace."""
