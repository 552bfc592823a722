"""News and reminders: the consent to news, which is separate from registering, and stopping both.

Reminders belong to what somebody registered for, so they come until they are stopped. News come to those who agreed to
them, and only while the text they agreed to is today's. What concerns the registration itself always comes.
"""

from __future__ import annotations

from datetime import date, datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.rules.zones import awake
from conversations.words import Lines, Value, _, paragraphs
from handlers import turn
from handlers.rounds import always
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import people

router = Router(name="news")

VERSION = "2026-11-20"  # of the text below: with another meaning it needs another version, and everybody is asked anew
AT_ONCE = 100  # people asked anew at one look at the clock

YES = Key(_("📰 Yes, send me news"), button("news", "yes", VERSION))
NO = Key(_("No news, thank you"), button("news", "no"))
REMINDERS = Key(_("⏰ Only reminders"), button("news", "reminders"))
STOP = Key(_("🔕 Neither of them"), button("news", "stop"))
BACK = Key(_("↩️ Take it back"), button("news", "back"))


def terms(visit: Visit) -> Value:
    """Return what news are, which is what people agree to; see `VERSION`."""
    return Lines(
        [
            _("News are from {operator}: new programmes, say, or when officers come to your village.",
              operator=visit.office.operator),
            _("Your village, work and how your registration stands decide which ones you get."),
            _("At most {count} a week together with reminders. /berhenti stops both at any time.",
              count=visit.office.messages_a_week),
        ]
    )  # fmt: skip


def question(visit: Visit) -> tuple[Value, Keys]:
    """Return the question whether news are welcome, with its two buttons."""
    asks = _("📰 <b>May I send you news, too?</b> Your registration does not depend on it.")
    return Lines([asks, terms(visit)]), [[YES], [NO]]


async def offer(visit: Visit) -> None:
    """Ask, in a message of its own, whether news are welcome; only once, and silence means no."""
    person = visit.person
    if person.news_asked_at is None and person.stopped_at is None and visit.office.messages_a_week:
        await people.no_news(visit.tx, visit.id, visit.now)
        visit.say(*question(visit))


@router.message(Command("berhenti"))
async def berhenti(_message: Message, visit: Visit) -> None:
    """/berhenti: no more reminders and news; the open question stays open."""
    await stop(visit)
    if turn.latest(visit) is not None:
        visit.say(_("The form you are filling in stays open; /batal puts it away."))
    await turn.go_on(visit, events.Resumed())


async def stop(visit: Visit) -> None:
    """Send the visitor neither reminders nor news from now on, and say what still comes."""
    await people.stop(visit.tx, visit.id, visit.now)
    await _say_how_it_stands(visit)


async def stop_by_button(visit: Visit) -> None:
    """Stop by the button under a message, which stays as it is."""
    if visit.person.stopped_at is not None:
        visit.notify(_("You have stopped them already. /kabar shows how it stands."), alert=True)
        return
    visit.leave()
    await stop(visit)


@router.message(Command("kabar"))
async def kabar(_message: Message, visit: Visit) -> None:
    """/kabar: what comes now, and the ways to change it."""
    person = visit.person
    now = kept(visit) or _("Now: reminders about your registration, no news.")
    stopped, agreed = person.stopped_at is not None, person.news_at is not None
    shown = ((YES, stopped or not agreed), (REMINDERS, stopped or agreed), (STOP, not stopped))
    visit.say(paragraphs(now, terms(visit)), [[key] for key, useful in shown if useful])
    await turn.go_on(visit, events.Resumed())


def kept(visit: Visit) -> Value:
    """Return what is stored of the visitor's wishes; nothing for who has none."""
    person = visit.person
    if person.stopped_at is not None:
        return _("🔕 Reminders and news: stopped on {day}.", day=_day(visit, person.stopped_at))
    if person.news_at is not None:
        return _("📰 News: you agreed on {day}.", day=_day(visit, person.news_at))
    return ""


def _day(visit: Visit, moment: datetime) -> date:
    return moment.astimezone(visit.office.zone).date()


@router.callback_query(pressed_on("news"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens. A yes counts for the text that stood above the button."""
    action, version = pressed_button(callback.data)
    match action:
        case "yes" if version == VERSION:
            await people.agree_to_news(visit.tx, visit.id, VERSION, visit.now)
        case "yes":
            visit.show(*question(visit))
            return
        case "no":
            await people.no_news(visit.tx, visit.id, visit.now)
        case "reminders":
            await people.no_news(visit.tx, visit.id, visit.now)
            await people.resume(visit.tx, visit.id)
        case "stop":
            await people.stop(visit.tx, visit.id, visit.now)
        case "back":
            await people.resume(visit.tx, visit.id)
        case _:
            visit.refuse("button", _("This button no longer works."))
            return
    await _say_how_it_stands(visit)


async def _say_how_it_stands(visit: Visit) -> None:
    """Say what the visitor gets from now on, in place of what was pressed."""
    visit.person = await people.meet(visit.tx, visit.id, visit.now)
    if visit.person.stopped_at is not None:
        text = Lines(
            [
                _("🔕 <b>Stopped.</b> I send you no more reminders and no news."),
                _("What concerns your registration itself still comes: what is decided, and what must be put right."),
                _("Pressed by mistake? Take it back below, or later with /kabar."),
            ]
        )
        visit.show(text, [[BACK]])
    elif visit.person.news_at is not None:
        visit.show(
            _("✅ Noted on {day}: news are welcome. /kabar changes that, /berhenti stops it.",
              day=_day(visit, visit.person.news_at))
        )  # fmt: skip
    else:
        visit.show(_("All right: no news, only reminders about your registration. If you change your mind: /kabar."))


@always("news_anew")
async def ask_anew(visit: Visit) -> None:
    """Let no old consent count, and ask by day whoever agreed to another text than today's."""
    outdated = await people.outdate_news(visit.tx, VERSION, AT_ONCE)
    if visit.office.zone_of() not in awake(visit.now) or not visit.office.messages_a_week:
        return
    changed = _("What news are about has changed, so I ask once more.")
    text, keys = question(visit)
    for person in outdated:
        await people.no_news(visit.tx, person, visit.now)
        await visit.write_to([person], paragraphs(changed, text), keys, slot="news")
