"""Handlers: aiogram routers that turn an update into an event, and replies into letters. Nothing is sent from here.

`attending` hands an update to the router whose screen it belongs to, and loads them all; nothing else does.
"""
