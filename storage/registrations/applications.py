"""What the applicant does: submit, correct; and what remains of an application once it is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, case, cast, exists, insert, select, update

from storage import history, people, words
from storage.registrations import places
from storage.registrations.decisions import MovedError, NotAllowedError, lock_programme
from storage.registrations.numbers import new_number
from storage.registrations.records import (
    OWN,
    Registration,
    document_place,
    get,
    is_open,
    locked,
    one_at_a_time,
    select_all,
    with_duplicate,
)
from storage.states import State
from storage.tables import recipients, registrations
from storage.transaction import Transaction

# What a place was given for: with another of these, it has to be given anew.
_PLACE = ("programme", "area", "tier", "payer", "transport")


class AlreadyYoursError(Exception):
    """The same person already has an open registration with this NIK; `number` says which."""

    def __init__(self, number: str) -> None:
        super().__init__(f"Registration {number} is open for this NIK already.")
        self.number = number


@dataclass(frozen=True, slots=True)
class Application:
    """A finished form: `document` holds all of it, NIK and phone included; `nik` and `phone` are for the indexes.

    `nik` is 16 digits, `phone` E.164 or None. `person` is the owner, None when the worker has no Telegram; then `claim`
    is "attested". `unmatched` are the worker's words for an occupation that the list does not have, in one form.
    """

    person: int | None
    registered_by: int
    area: str
    occupation: str
    transport: bool
    tier: str
    payer: str
    programme: str | None
    language: str
    document: Mapping[str, object] = field(repr=False)
    nik: str = field(repr=False)
    phone: str | None = field(repr=False)
    hints: tuple[str, ...] = ()
    claim: str = OWN
    unmatched: str | None = field(default=None, repr=False)


class _Doubles(NamedTuple):
    """Other open registrations of one NIK: the one that came first, and whether there is any."""

    original: str | None
    any: bool


async def submit(tx: Transaction, application: Application, now: datetime) -> Registration:
    """Put an application into the queue; raises AlreadyYoursError.

    When somebody else has an open registration with the same NIK, this one names it in `duplicate_of`, and both get
    the hint `duplicate`.
    """
    await one_at_a_time(tx, tx.vault.blinds("nik", application.nik))
    doubles = await _doubles(tx, application, application.registered_by)
    number = await _free_number(tx)
    await tx.connection.execute(
        insert(registrations).values(
            **_columns(tx, number, application, doubles, now),
            number=number,
            person=application.person,
            registered_by=application.registered_by,
            claim=application.claim,
            language=application.language,
            queued_at=now,
            created_at=now,
        )
    )
    await history.append(tx, history.Entry(number, now, application.registered_by, None, State.QUEUED.value, None))
    if application.unmatched is not None:
        await words.count(tx, application.unmatched, application.nik, now)
    return await locked(tx, number)


async def correct(tx: Transaction, number: str, application: Application, *, actor: int, now: datetime) -> Registration:
    """Replace the form of a registration that is queued or needs correction; it keeps its place in the queue.

    So may be what BPJS could not match, when its NIK was mistyped: it keeps its place of the programme, too.
    Owner, registrant, claim and language stay as they were. Raises MovedError when it is past correcting,
    NotAllowedError when `actor` neither owns nor entered it, AlreadyYoursError when the corrected NIK is that of
    another registration of theirs, LookupError when there is none with this number.
    """
    programme = await lock_programme(tx, number)
    # Before the row: submitting holds this lock while it puts a hint on a row.
    await one_at_a_time(tx, tx.vault.blinds("nik", application.nik))
    before = await locked(tx, number)
    mistyped = before.state == State.NOT_MATCHED and before.wanted is not None
    if not (mistyped or before.state in {State.QUEUED, State.NEEDS_CORRECTION}) or before.programme != programme:
        raise MovedError(before)
    if actor not in {before.person, before.registered_by}:
        raise NotAllowedError("Only who owns or entered a registration corrects it.")
    doubles = await _doubles(tx, application, actor, number)
    if any(getattr(before, name) != getattr(application, name) for name in _PLACE):
        await places.release(tx, number, now)
    await tx.connection.execute(
        update(registrations)
        .where(registrations.c.number == number)
        .values(
            **_columns(tx, number, application, doubles, now),
            wanted=None,
            decided_at=None,
            decided_by=None,
            department=None,
            first_yes_by=None,
        )
    )
    frm = before.state.value
    if mistyped:
        await history.append(tx, history.Entry(number, now, actor, frm, State.NEEDS_CORRECTION.value, "mistyped"))
        frm = State.NEEDS_CORRECTION.value
    await history.append(tx, history.Entry(number, now, actor, frm, State.QUEUED.value, "corrected"))
    if application.unmatched is not None:
        await words.count(tx, application.unmatched, application.nik, now)
    return await locked(tx, number)


async def erase(tx: Transaction, number: str, now: datetime, *, actor: int | None = None) -> None:
    """Delete the document and both indexes of a withdrawn or rejected registration.

    What was sent about it no longer names it, and with a person's last document goes the consent to news. Raises NotAllowedError in any other state, LookupError when there is none with this number.
    """
    before = await locked(tx, number)
    if before.state not in {State.WITHDRAWN, State.REJECTED}:
        raise NotAllowedError(f"A registration that is {before.state} keeps its document.")
    await tx.connection.execute(
        update(registrations)
        .where(registrations.c.number == number)
        .values(document=None, nik_index=None, phone_index=None, changed_at=now, erased_at=now)
    )
    written_about = recipients.c.registration == number
    # A reminder's occasion names the registration, too.
    occasion = case((recipients.c.occasion == "", ""), else_=cast(recipients.c.id, Text))
    await tx.connection.execute(update(recipients).where(written_about).values(registration=None, occasion=occasion))
    await history.append(tx, history.Entry(number, now, actor, before.state.value, before.state.value, "erased"))
    if before.person is not None and not await _keeps_any(tx, before.person):
        await people.forget_news(tx, before.person)


async def _keeps_any(tx: Transaction, person: int) -> bool:
    kept = (registrations.c.person == person, registrations.c.document.is_not(None))
    return bool(await tx.connection.scalar(select(exists().where(*kept))))


async def _doubles(tx: Transaction, application: Application, actor: int, number: str | None = None) -> _Doubles:
    """Look for other open registrations of the same NIK and hint at the first one; raises AlreadyYoursError.

    The caller has called `one_at_a_time`, so that of two transactions with one NIK the second sees the first.
    """
    same = registrations.c.nik_index.in_(tx.vault.blinds("nik", application.nik))
    others = await select_all(tx, same, is_open, registrations.c.number != (number or ""))
    for other in others:
        if actor in {other.person, other.registered_by}:
            raise AlreadyYoursError(other.number)
    # One that names us as its original is not ours: two must not name each other.
    older = [other for other in others if number is None or other.duplicate_of != number]
    original = min(older, key=lambda other: other.duplicate_of is not None, default=None)
    if original is not None:
        await tx.connection.execute(
            update(registrations)
            .where(registrations.c.number == original.number)
            .values(hints=with_duplicate(original.hints))
        )
    return _Doubles(original.number if original else None, bool(others))


def _columns(
    tx: Transaction, number: str, application: Application, doubles: _Doubles, now: datetime
) -> dict[str, Any]:
    """What both a new and a corrected application write."""
    return {
        "area": application.area,
        "occupation": application.occupation,
        "transport": application.transport,
        "tier": application.tier,
        "payer": application.payer,
        "programme": application.programme,
        "document": tx.vault.seal_json(application.document, document_place(number)),
        "nik_index": tx.vault.blind("nik", application.nik),
        "phone_index": None if application.phone is None else tx.vault.blind("phone", application.phone),
        "hints": with_duplicate(application.hints) if doubles.any else list(application.hints),
        "duplicate_of": doubles.original,
        "state": State.QUEUED.value,
        "changed_at": now,
    }


async def _free_number(tx: Transaction) -> str:
    while await get(tx, number := new_number()):
        pass
    return number
