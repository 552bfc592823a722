"""Every column that a key has written: what is sealed, and for which place, and what an index key has made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, func, literal

from storage import files, handovers, history, inbox, people, programmes, sessions, tables, uploads, words
from storage.broadcasts.records import body_place
from storage.outbox.letters import place as letter_place
from storage.registrations.records import document_place, kpj_place
from storage.vault import INDEX_BYTES, index_mark, seal_mark


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed column, the place its value in a row is sealed for, and how many are opened at once."""

    column: Column[Any]
    place: Callable[[Row[Any]], str]
    at_once: int = 100


SEALED = (
    Sealed(tables.registrations.c.document, lambda row: document_place(row.number)),
    Sealed(tables.registrations.c.kpj, lambda row: kpj_place(row.number)),
    Sealed(tables.history.c.reason, lambda row: history.place(row.registration)),
    Sealed(tables.sessions.c.body, lambda row: sessions.place(row.person, row.flow)),
    Sealed(tables.inbox.c.body, lambda row: inbox.place(row.bot_id, row.update_id)),
    Sealed(tables.outbox.c.payload, lambda row: letter_place(row.ticket)),
    Sealed(tables.people.c.name, lambda row: people.place(row.telegram_id)),
    Sealed(tables.programmes.c.name, lambda row: programmes.name_place(row.code)),
    Sealed(tables.handovers.c.password, lambda row: handovers.place(row.id)),
    Sealed(tables.broadcasts.c.body, lambda row: body_place(row.created_at)),
    Sealed(tables.unmatched_words.c.words, lambda row: words.place(row.words_index)),
    Sealed(tables.uploads.c.wish, lambda row: uploads.place("wish", row.id)),
    Sealed(tables.uploads.c.body, lambda row: uploads.place("body", row.id), at_once=1),  # files may be large
    Sealed(tables.files.c.body, lambda row: files.place(row.ticket), at_once=1),
)

KEYED: tuple[Column[Any], ...] = (
    tables.registrations.c.nik_index,
    tables.registrations.c.phone_index,
    tables.history.c.link,
    tables.programmes.c.digest,
    tables.claims.c.token_index,
    tables.invitations.c.token_index,
    tables.listed.c.nik_index,
    tables.unmatched_words.c.words_index,
    tables.wrote_words.c.who_index,
)
"""What an index key has made. Digests in the history are not here: but for the last they are only links' material."""


def sealed_with(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Match what was sealed with this key."""
    mark = seal_mark(name)
    return func.substr(column, 1, len(mark)) == literal(mark)


def made_with(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Match what this index key has made."""
    mark = index_mark(name)
    size = func.length(column) == len(mark) + INDEX_BYTES
    return size & (func.substr(column, 1, len(mark)) == literal(mark)) if mark else size
