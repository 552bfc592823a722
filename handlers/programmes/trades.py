"""Words for work that the list does not have: an admin says what they mean, or puts them away."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.rules import occupations
from conversations.rules.occupations import Occupation
from conversations.rules.programmes import Terms
from conversations.words import Lines, _, paragraphs
from handlers import rights
from handlers.programmes import promote
from handlers.programmes.screens import NOT_HERE, STRANGER
from handlers.rounds import always
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import programmes, registrations, words
from storage.roles import covers
from storage.words import Unmatched

router = Router(name="trade")

PAGE = 10


@always("trades", everywhere=True)
async def renew(visit: Visit) -> None:
    """Learn which words were matched since the last look; other processes may have done it."""
    known = await words.solved(visit.tx)
    visit.office.solved.clear()
    visit.office.solved.update(known)


@router.callback_query(pressed_on("trade"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of the words, if this person is an admin."""
    action, subject = pressed_button(callback.data)
    mark, _bar, rest = subject.partition("|")
    if not await rights.is_admin(visit):
        visit.refuse("words", STRANGER)
        return
    if action == "list":
        await _list(visit)
        return
    if action == "add":
        await _add(visit, mark, rest)
        return
    unmatched = await words.find(visit.tx, mark)
    if unmatched is None:
        visit.notify(_("Somebody has dealt with these words already."))
        await _list(visit)
        return
    match action:
        case "open":
            _ask(visit, unmatched, int(rest) if rest.isdigit() else 0)
        case "hide":
            await words.solve(visit.tx, unmatched.words, words.HIDDEN, visit.now)
            await _list(visit)
        case "means" if (job := occupations.get(rest)) is not None:
            await words.solve(visit.tx, unmatched.words, job.code, visit.now)
            visit.office.solved[unmatched.words] = job.code
            await _solved(visit, unmatched, job)


async def _list(visit: Visit) -> None:
    """Show the words that came several times."""
    found = await words.unsolved(visit.tx, limit=PAGE)
    back = [Key(_("⬅️ Programmes"), button("programme", "list"))]
    if not found:
        visit.show(_("No words wait here. What only one person wrote is not shown."), [back])
        return
    head = _("<b>Words for work that the list does not have</b>, with how many people wrote them. What do they mean?")
    lines = Lines([_("• {words}: {count} people", words=one.words, count=one.count) for one in found])
    visit.show(
        paragraphs(head, lines), [*[[Key(one.words[:40], button("trade", "open", one.mark))] for one in found], back]
    )


def _ask(visit: Visit, unmatched: Unmatched, page: int) -> None:
    """Ask which occupation the words mean: first those that look alike, then all."""
    jobs = occupations.all_()
    shown = jobs[page * PAGE : (page + 1) * PAGE]
    turns = [Key(_("◀ Previous"), button("trade", "open", f"{unmatched.mark}|{page - 1}"))] if page else []
    if len(jobs) > (page + 1) * PAGE:
        turns.append(Key(_("More ▶"), button("trade", "open", f"{unmatched.mark}|{page + 1}")))
    keys: Keys = [
        *[[Key(job.label, button("trade", "means", f"{unmatched.mark}|{job.code}"))] for job in shown],
        turns,
        [Key(_("🙈 Put away"), button("trade", "hide", unmatched.mark))],
        [Key(_("⬅️ Back"), button("trade", "list"))],
    ]
    visit.show(_("What does <b>{words}</b> mean? From now on it is understood so.", words=unmatched.words), keys)


async def _solved(visit: Visit, unmatched: Unmatched, job: Occupation) -> None:
    """Let it hold for those who wait, too; confirm, and offer the programmes whose list of work lacks this one yet."""
    count = await registrations.understand(
        visit.tx,
        job.code,
        transport=job.transport,
        means=lambda written: occupations.key(written) == unmatched.words,
        actor=visit.id,
        now=visit.now,
    )
    visit.show(
        Lines(
            [
                _("<b>{words}</b> is now understood as: {job}.", words=unmatched.words, job=job.label),
                _("So it is for {count} who wait in the queue.", count=count) if count else "",
            ]
        ),
        [*await _lacking(visit, job), [Key(_("⬅️ Back"), button("trade", "list"))]],
    )


async def _lacking(visit: Visit, job: Occupation) -> list[list[Key]]:
    mine = await rights.administered(visit)
    return [
        [Key(_("➕ Allow it in {name}", name=one.name), button("trade", "add", f"{job.code}|{one.code}"))]
        for one in await programmes.all_(visit.tx, state=programmes.OPEN)
        if (listed := Terms.read(one.terms).occupations)
        and job.code not in listed
        and one.owner is None
        and any(covers(area, one.area) for area in mine)
    ]


async def _add(visit: Visit, occupation: str, code: str) -> None:
    """Put an occupation on a programme's list of work."""
    job, programme = occupations.get(occupation), await programmes.get(visit.tx, code)
    if job is None or programme is None or not await rights.administers(visit, programme.area):
        visit.refuse("programme", NOT_HERE)
        return
    listed = Terms.read(programme.terms).occupations
    if listed and job.code not in listed and programme.owner is None:
        allowed = {**programme.terms, "occupations": [*listed, job.code]}
        await programmes.save(visit.tx, replace(programme, terms=allowed), by=visit.id, now=visit.now)
        await promote(visit, programme.code)
    visit.show(
        _("{job} is now allowed in <b>{name}</b>.", job=job.label, name=programme.name),
        [*await _lacking(visit, job), [Key(_("⬅️ Back"), button("trade", "list"))]],
    )
