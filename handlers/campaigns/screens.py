"""/pengingat: the reminders that run by themselves, each with what it has done lately, and ways to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.campaign import MOST, OFFSETS, TEXT, variant
from conversations.kinds.message_text import html_of
from conversations.kinds.offsets import written
from conversations.replies import Finished
from conversations.rules.campaigns import CAMPAIGNS
from conversations.rules.reminder import Campaign, Unit
from conversations.words import Lines, Number, Text, Value, _, paragraphs
from handlers import rights, turn
from handlers.campaigns import planning, samples, settings
from handlers.campaigns.settings import Settings
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import broadcasts, rounds
from storage.broadcasts import Done, Stage

router = Router(name="campaigns")

MONTH = timedelta(days=30)
NOTHING = Done(0, 0)
STRANGER = _("Only admins of the whole area set reminders. Your own: /kabar.")
GONE = _("This button no longer works.")
WHEN: Mapping[Unit, Text] = {
    "hours": _("When: {offsets} after somebody stopped"),
    "after": _("When: {offsets} afterwards"),
    "before": _("When: {offsets} before"),
    "clock": _("When: each morning at {offsets}"),
}


async def _may_set(visit: Visit) -> bool:
    return await rights.administers(visit, visit.office.area)


@router.message(Command("pengingat"))
async def pengingat(_message: Message, visit: Visit) -> None:
    """/pengingat: the list."""
    if not await _may_set(visit):
        visit.refuse("campaign", STRANGER)
        return
    await visit.sign()
    await _list(visit)


@router.callback_query(pressed_on("campaign"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens, if this person may set reminders."""
    action, code = pressed_button(callback.data)
    if not await _may_set(visit):
        visit.refuse("campaign", STRANGER)
        return
    campaign = CAMPAIGNS.get(code)
    if action == "list":
        await _list(visit)
    elif campaign is None:
        visit.refuse("campaign", GONE)
    else:
        await _act(visit, action, campaign)


async def _act(visit: Visit, action: str, campaign: Campaign) -> None:
    known = await _settings(visit, campaign)
    match action:
        case "open":
            await _show(visit, campaign)
        case "on" | "off":
            await _save(visit, campaign, replace(known, on=action == "on"))
            await _show(visit, campaign)
        case "offsets" | "most" | "text":
            await _ask(visit, campaign, action)
        case "see":
            visit.leave()
            samples.show(visit, campaign, known)
        case "usual":
            usual = settings.of(campaign, None)
            await _save(visit, campaign, replace(usual, on=known.on))
            await _show(visit, campaign)
        case _:
            visit.refuse("campaign", GONE)


async def _settings(visit: Visit, campaign: Campaign) -> Settings:
    return settings.of(campaign, await broadcasts.campaign(visit.tx, campaign.code))


async def _list(visit: Visit) -> None:
    """Show which reminders there are, and how many each has sent lately."""
    stored, held = await broadcasts.all_set(visit.tx), await broadcasts.opened(visit.tx)
    done = await broadcasts.done(visit.tx, visit.now - MONTH)
    keys: Keys = [
        [Key(_line(one, settings.of(one, stored.get(one.code)), _done(one, held, done)), _button("open", one))]
        for one in CAMPAIGNS.values()
    ]
    visit.show(
        Lines(
            [
                _("<b>Reminders</b> run by themselves, by day, and never twice for the same thing."),
                _("The number says how many were sent in 30 days."),
            ]
        ),
        keys,
    )


def _done(campaign: Campaign, held: Mapping[str, broadcasts.Opened], done: Mapping[int, Done]) -> Done:
    opened = held.get(campaign.code)
    return NOTHING if opened is None else done.get(opened.id, NOTHING)


def _line(campaign: Campaign, known: Settings, done: Done) -> Value:
    count = _("· {sent}", sent=Number(done.sent)) if campaign.wordings else ""
    return Lines(["✅" if known.on else "⏸", campaign.title, count], " ")


async def _show(visit: Visit, campaign: Campaign) -> None:
    """Show how a campaign is set, and what it has done lately."""
    known, held = await _settings(visit, campaign), await broadcasts.opened(visit.tx)
    done = _done(campaign, held, await broadcasts.done(visit.tx, visit.now - MONTH))
    facts = [
        _("✅ It is on.") if known.on else _("⏸ It is off."),
        Text(WHEN[campaign.unit].sentence, {"offsets": written(campaign.unit, known.offsets)}),
    ]
    if campaign.wordings:
        facts += [
            _("To one person: at most {most} in 30 days", most=known.most),
            _("Words: your own") if any(known.texts.values()) else _("Words: as usual"),
            _("In 30 days: {sent} sent, {acted} pressed a button", sent=Number(done.sent), acted=Number(done.acted)),
        ]
    necessary = _("It also reaches who has stopped reminders: without it the registration does not go on.")
    shown = paragraphs(
        Text("<b>{title}</b>", {"title": campaign.title}), Lines(facts), necessary if campaign.necessary else ""
    )
    visit.show(shown, _keys(campaign, known))


def _keys(campaign: Campaign, known: Settings) -> Keys:
    """Return what can be done with a campaign."""
    switch = (
        Key(_("⏸ Switch off"), _button("off", campaign)) if known.on else Key(_("▶️ Switch on"), _button("on", campaign))
    )
    words = [
        [Key(_("👥 How many"), _button(MOST, campaign)), Key(_("✏️ Words"), _button(TEXT, campaign))],
        [Key(_("👀 How it reads"), _button("see", campaign))],
    ]
    changed = known.as_json() != settings.of(campaign, None).as_json()
    usual = [[Key(_("↩️ As usual again"), _button("usual", campaign))]] if changed else []
    return [
        [switch, Key(_("🕓 When"), _button(OFFSETS, campaign))],
        *(words if campaign.wordings else []),
        *usual,
        [Key(_("⬅️ Reminders"), button("campaign", "list"))],
    ]


def _button(action: str, campaign: Campaign) -> str:
    return button("campaign", action, campaign.code)


async def _ask(visit: Visit, campaign: Campaign, what: str) -> None:
    if what != OFFSETS and not campaign.wordings:
        visit.refuse("campaign", GONE)
        return
    visit.lay_aside()
    await turn.begin(visit, "campaign", events.Started({"code": campaign.code, "what": what}))


async def _save(visit: Visit, campaign: Campaign, known: Settings) -> None:
    """Set a campaign. With other times it is looked anew who is due; what was sent stays sent."""
    before = await _settings(visit, campaign)
    body = known.as_json()
    await broadcasts.set_campaign(visit.tx, campaign.code, on=known.on, settings=body, by=visit.id, now=visit.now)
    held = (await broadcasts.opened(visit.tx)).get(campaign.code)
    if held is None:
        return
    to, frm = (Stage.RUNNING, Stage.PAUSED) if known.on else (Stage.PAUSED, Stage.RUNNING)
    await broadcasts.move(visit.tx, held.id, frm, to, now=visit.now)
    if before.offsets != known.offsets:
        await broadcasts.withdraw(visit.tx, held.id)
    if (before.on, before.offsets) != (known.on, known.offsets):
        await broadcasts.looked(visit.tx, held.id, 0)
        await rounds.again(visit.tx, planning.name(campaign))


@turn.ending("campaign")
async def changed(visit: Visit, result: Finished) -> None:
    """Set what was answered; the right to do so is asked once more."""
    answers: dict[str, Any] = dict(result.answers)
    campaign = CAMPAIGNS.get(str(answers["code"]))
    if campaign is None or not await _may_set(visit):
        visit.refuse("campaign", STRANGER)
        return
    known = await _settings(visit, campaign)
    match answers["what"]:
        case "offsets":
            known = replace(known, offsets=tuple(answers["offsets"]))
        case "most":
            known = replace(known, most=answers["most"])
        case _:
            html = html_of(answers["text"]) or ""
            kind = variant(answers)
            mine = {**known.texts.get(kind, {}), answers["language"]: html}
            known = replace(known, texts={**known.texts, kind: mine})
    await _save(visit, campaign, known)
    await _show(visit, campaign)
