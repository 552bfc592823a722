"""Registrations: a worker's application on its way to the sponsor's decision and beyond."""

from storage.registrations.applications import AlreadyYoursError, Application, correct, erase, submit
from storage.registrations.decisions import MovedError, NotAllowedError, RivalError, move
from storage.registrations.line import Queue, place, queue, queue_size, usual_wait
from storage.registrations.numbers import new_number, read_number
from storage.registrations.records import Registration, counts, get, of_person, own_open, phone_users, rejected_before
from storage.states import OPEN, TRANSITIONS, State

__all__ = [
    "OPEN",
    "TRANSITIONS",
    "AlreadyYoursError",
    "Application",
    "MovedError",
    "NotAllowedError",
    "Queue",
    "Registration",
    "RivalError",
    "State",
    "correct",
    "counts",
    "erase",
    "get",
    "move",
    "new_number",
    "of_person",
    "own_open",
    "phone_users",
    "place",
    "queue",
    "queue_size",
    "read_number",
    "rejected_before",
    "submit",
    "usual_wait",
]
