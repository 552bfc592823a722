"""Many neighbours at once: what is asked for all of them, the template, and what the desk does with their sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events, neighbour_rows
from conversations.batch import ASKED_BY_PROGRAMMES, COLUMNS
from conversations.neighbour_rows import Knowledge
from conversations.replies import Finished
from conversations.rules import names
from conversations.rules.areas import Level
from conversations.verdicts import Counts, Good, Known, Verdict
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers import desk, neighbours, notices, programmes, registered, rights, turn
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from sheets.reading import PASTED, Sheet
from sheets.writing import Column, Table, workbook
from storage import registrations, uploads
from storage.registrations import AlreadyYoursError, Application
from storage.uploads import Upload

router = Router(name="batch")

PURPOSE = "neighbours"
LISTED = 10  # numbers told in the chat; more come as a file
TEMPLATE, RESULT = "contoh-daftar.xlsx", "hasil.xlsx"


@router.message(Command("contoh"))
async def template(_message: Message, visit: Visit) -> None:
    """/contoh: send the template of a list."""
    words = visit.words
    heads = [
        Column(words.plain(label), 26 if name in {"nik", "name", "address"} else 18) for name, label in COLUMNS.items()
    ]
    example: list[Value] = [
        _("16 digits of the KTP"),
        _("EXAMPLE, this row is skipped"),
        _("08… or empty"),
        _("ojek"),
        "".join(village.name for village in visit.office.areas.villages(visit.office.area)[:1]),
        _("Jl. Mawar No. 12, RT 03 RW 02"),
        _("neighbour"),
        "",
    ]
    rules = [
        _("One person a row. NIK, name and work are needed; everything else may stay empty."),
        _("Only people who have agreed that their data are recorded and sent."),
        _("NIK and phone are kept as text here. Please do not change that format: a spreadsheet rounds long numbers."),
        _("An empty village is the one you chose in the chat. The district helps where two villages share a name."),
        _("The relation: household helper, sibling or relative, parent, neighbour, or your own words."),
        _("A programme is named as in the chat. For “-” nobody pays yet."),
    ]
    tables = [
        Table(words.plain(_("List")), heads, [[words.plain(cell) for cell in example]]),
        Table(
            words.plain(_("How to")), [Column(words.plain(_("How to")), 100)], [[words.plain(rule)] for rule in rules]
        ),
    ]
    await desk.send(
        visit, TEMPLATE, workbook(tables), _("The template for a list. Fill it in and send it here after /daftarkan.")
    )


@router.callback_query(pressed_on("batch"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Open the questions that count for all of a list."""
    action, _subject = pressed_button(callback.data)
    if action == "open":
        visit.lay_aside()
        await begin(visit)


async def begin(visit: Visit) -> None:
    """Ask what counts for all; strangers learn how to become somebody who registers others."""
    areas = await rights.places(visit)
    if not areas:
        visit.refuse("batch", neighbours.stranger(visit))
        return
    await visit.sign()
    known: dict[str, Any] = {}
    if len(areas) == 1 and areas[0].count(".") == Level.VILLAGE - 1:
        known["village"] = {"code": areas[0], "words": None}
    bound = not await rights.helps_in(visit)
    if bound:
        known["payer"] = "sponsor"
    await turn.begin(visit, "batch", events.Started(known, {"areas": list(areas), "bound": bound}))


@turn.ending("batch")
async def ready(visit: Visit, result: Finished) -> None:
    """Expect the list; the right to register is asked again when it comes."""
    if result.outcome != "done":
        visit.show(_("That is all right. Nothing was stored. Once they agree: /daftarkan."))
        return
    await uploads.expect(visit.tx, visit.id, PURPOSE, {"defaults": dict(result.answers)}, visit.now)
    visit.show(
        paragraphs(
            _("<b>Now send the list:</b> a file (XLSX or CSV; /contoh gives a template), or paste up to 40 lines:"),
            "NIK#Nama#HP#Pekerjaan",
            _(
                "I delete it from the chat as soon as I have read it. Nothing is entered before you say so. /batal stops."
            ),
        )
    )


class Neighbours:
    """Reads lists of neighbours."""

    pasted = PASTED
    columns: Mapping[str, Text] = {**COLUMNS, **ASKED_BY_PROGRAMMES}

    async def may(self, visit: Visit, _upload: Upload) -> bool:
        """Tell whether the sender may register others anywhere; where, is asked for each row."""
        return bool(await rights.places(visit))

    async def check(self, visit: Visit, upload: Upload, sheet: Sheet) -> list[Verdict]:
        """Judge the rows by the neighbour's form."""
        defaults, context = upload.wish["defaults"], visit.context()
        areas, helps = await rights.places(visit), await rights.helps_in(visit)
        known = Knowledge(areas=areas, helps=helps)
        villages = await asyncio.to_thread(neighbour_rows.villages, sheet.rows, defaults, known, context)
        own = await registrations.own_among(visit.tx, visit.id, neighbour_rows.niks(sheet.rows, context))
        offered = {area: [one.to_json() for one in await programmes.for_others(visit, area)] for area in villages}
        known = Knowledge(own, offered, areas, helps)
        return await asyncio.to_thread(neighbour_rows.check, sheet.rows, defaults, known, context)

    async def enter(self, visit: Visit, _upload: Upload, rows: Sequence[Good]) -> int:
        """Register the people of these rows; who is registered by the sender already is left as it is."""
        await registrations.many_at_a_time(visit.tx, [str(row.entry["nik"]) for row in rows])
        forms = [registered.application(visit, row.entry, neighbour=True) for row in rows]
        places = {(form.area, form.programme) for form in forms}
        mine = {place for place in places if await rights.may_register(visit, *place)}
        return sum([await self._register(visit, form) for form in forms if (form.area, form.programme) in mine])

    async def _register(self, visit: Visit, form: Application) -> bool:
        try:
            await registered.enter(visit, form)
        except AlreadyYoursError:
            return False
        return True

    def asks(self, counts: Counts) -> Value:
        """Return what was found in a list."""
        return Lines(
            [
                _("<b>{good}</b> can be registered now.", good=counts.good) if counts.good else "",
                _("<b>{known}</b> you have registered already.", known=counts.known) if counts.known else "",
                _("<b>{bad}</b> have to be put right first.", bad=counts.bad) if counts.bad else "",
                _("Nobody can be registered from this list yet.") if counts.good + counts.known == 0 else "",
            ]
        )

    def agrees(self, counts: Counts) -> Text:
        """Return the label of the button that registers the good ones."""
        return _("✅ Register the {good} now", good=counts.good)

    async def entered(self, visit: Visit, upload: Upload, sheet: Sheet, verdicts: Sequence[Verdict]) -> None:
        """Tell the numbers, and call each village's reviewers once."""
        numbers = {one.line: one.number for one in verdicts if isinstance(one, Known)}
        people = [(row.line, row.cells.get("name", ""), numbers[row.line]) for row in sheet.rows if row.line in numbers]
        count = int(upload.result.get("entered", 0))
        few = len(people) <= LISTED
        listed = [_("<b>{number}</b> {name}", number=number, name=names.mask(name)) for _line, name, number in people]
        visit.say(
            paragraphs(
                _("✅ <b>Sent: {count} registrations.</b>", count=count),
                Lines(listed) if few else _("The numbers stand in the file below."),
                _("Nobody is a member yet: cover begins only when BPJS has the contribution."),
            ),
            [[Key(_("📋 My entries"), button("neighbours", "mine", "0"))]],
            slot=upload.slot,
        )
        if not few:
            heads = [
                Column(visit.words.plain(label)) for label in (desk.ROW, COLUMNS["name"], _("Registration number"))
            ]
            rows = [(str(line), name, number) for line, name, number in people]
            book = workbook([Table(visit.words.plain(_("Sent")), heads, rows)])
            await desk.send(visit, RESULT, book, _("The registration numbers of your list."))
        known = Knowledge(areas=await rights.places(visit))
        for area in sorted(neighbour_rows.villages(sheet.rows, upload.wish["defaults"], known, visit.context())):
            if count:
                await notices.call_sponsors(visit, area)


desk.reads(PURPOSE, Neighbours())
