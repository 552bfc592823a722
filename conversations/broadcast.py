"""A message to many, asked in the order in which its author thinks: to whom, what, and when.

The fact `admin` says whether the author may send necessary notices; for the others see `conversations.audience`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from conversations.audience import AUDIENCE, audience, counted, read_in, whom
from conversations.events import Json
from conversations.flow import Answers, Condition, Context, Flow, Step
from conversations.kinds import Choice, MessageText, MomentPick, Option, Photo, Summary
from conversations.kinds.message_text import html_of
from conversations.kinds.photo import file_of
from conversations.rules import placeholders
from conversations.rules.placeholders import CAPTION, KNOWN_OF, MESSAGE, Fault
from conversations.words import Lines, Number, Text, Value, _, paragraphs

# The languages in which people may read, each with the name of its text; the first is everybody's unless they chose.
TEXTS: Mapping[str, Text] = {"id": _("Text in Indonesian"), "en": _("Text in English")}
ACTIONS: Mapping[str, Text] = {
    "resume": _("▶️ Go on registering"),
    "where": _("📍 Where do I pay?"),
    "paid": _("✅ I have paid"),
}
OFFERED = {"unfinished": {"resume"}, "registered": {"where", "paid"}}
TITLE = 40  # characters of a text by which its author finds it again


def _admin(_answers: Answers, context: Context) -> bool:
    return context.facts.get("admin") is True


def _acts(answers: Answers, _context: Context) -> bool:
    return whom(answers) in OFFERED


def _offers(action: str, answers: Answers, _context: Context) -> bool:
    return action in OFFERED.get(whom(answers), set())


def _necessary(answers: Answers, context: Context) -> bool:
    return _admin(answers, context) and answers.get("kind") == "necessary"


def _known(answers: Answers) -> Collection[str]:
    return KNOWN_OF.get(whom(answers), placeholders.OF_ALL)


def _room(answers: Answers) -> int:
    return MESSAGE if file_of(answers.get("picture")) is None else CAPTION


def _too_long_for_caption(answers: Answers, context: Context) -> Text | None:
    """Tell that a text does not fit under a picture."""
    for html in texts(answers, context).values():
        if isinstance(placeholders.read(html, _known(answers), CAPTION), Fault):
            return _(
                "Under a picture at most {most} characters fit, and the text is longer. Please shorten it first, or send no picture.",
                most=Number(CAPTION),
            )
    return None


def _asks_text(question: Text, answers: Answers, context: Context) -> Value:
    return Lines(
        [
            counted(context),
            question,
            _("Values: <code>{known}</code>", known=placeholders.listed(_known(answers))),
            _("Bold: <code>{bold}</code>", bold="<b>…</b>"),
        ]
    )


def _values(answers: Answers, _context: Context) -> Value:
    """Explain what can stand in a text."""
    known = [
        _("<code>{name}</code> {meaning}", name="{" + name + "}", meaning=meaning)
        for name, meaning in placeholders.MEANINGS.items()
        if name in _known(answers)
    ]
    return Lines(
        [
            _("<b>Each is filled in for everybody singly.</b> Who has no such value is left out; you see how many."),
            *known,
            _("Marks: <code>{tags}</code>", tags=" ".join(f"<{tag}>" for tag in placeholders.TAGS)),
        ]
    )


ABOUT_VALUES = {"values": (_("ℹ️ What the values mean"), _values)}


def _wording(language: str, question: Text, *options: Option, when: Condition) -> Step:
    return Step(
        f"text_{language}",
        partial(_asks_text, question),
        MessageText(_known, _room, *options),
        label=TEXTS[language],
        when=when,
        explains=ABOUT_VALUES,
    )


def _summary(answers: Answers, context: Context) -> Value:
    return paragraphs(
        _("<b>Please look once more.</b> Is everything right?"),
        SUMMARY.lines(answers, context),
        Lines([counted(context), _("Nothing is sent yet: next you see exactly who gets it and who does not.")]),
    )


def _asks_when(answers: Answers, context: Context) -> Value:
    urgent = _necessary(answers, context) and answers.get("night") == "yes"
    return Lines(
        [
            _("<b>When</b> is it to be sent? Press, or type date and time, such as 25-11-2026 08:00 WIT."),
            "" if urgent else _("Nobody is woken: between 20:00 and 7:00 where they live it waits."),
        ]
    )


FORM = (
    *AUDIENCE,
    _wording("id", _("Please type the <b>text in Indonesian</b>."), when=partial(read_in, "id")),
    _wording(
        "en",
        _("Please type the <b>text in English</b>, for those who chose that language."),
        Option("same", _("They get the Indonesian one"), when=partial(read_in, "id")),
        Option("none", _("They get nothing"), when=partial(read_in, "id")),
        when=partial(read_in, "en"),
    ),
    Step(
        "picture",
        _("Do you want a <b>picture</b> with it? Please send it as a photo."),
        Photo(_too_long_for_caption),
        label=_("Picture"),
    ),
    Step(
        "button",
        _("Do you want a <b>button</b> under it?"),
        Choice(
            *(Option(name, label, when=partial(_offers, name)) for name, label in ACTIONS.items()),
            Option("none", _("No button")),
        ),
        label=_("Button"),
        when=_acts,
    ),
    Step(
        "kind",
        _(
            "<b>Is it news, or a necessary notice?</b>\nNews reaches only who has agreed to it, and nobody gets more than a few a week.\n"
            "A necessary notice reaches everybody, so it may only be about the registration itself."
        ),
        Choice(Option("news", _("📰 News")), Option("necessary", _("❗ A necessary notice"))),
        label=_("Kind"),
        when=_admin,
    ),
    Step(
        "night",
        _("May it also arrive <b>at night</b>, between 20:00 and 7:00?"),
        Choice(Option("no", _("No, only by day")), Option("yes", _("Yes, it is urgent"))),
        label=_("At night"),
        when=_necessary,
        after=("kind",),
    ),
    Step(
        "when",
        _asks_when,
        MomentPick(),
        label=_("When"),
    ),
)
SUMMARY = Summary(*FORM, send=_("👀 Prepare it"))

BROADCAST = Flow("broadcast", (*FORM, Step("summary", _summary, SUMMARY, ends={"send": "done"})))


def texts(answers: Answers, context: Context) -> dict[str, str]:
    """Return the text of each language in which somebody gets it."""
    found: dict[str, str] = {}
    for language in TEXTS:
        answer = answers.get(f"text_{language}") if read_in(language, answers, context) else None
        html = found.get("id") if answer == "same" else html_of(answer)
        if html is not None:
            found[language] = html
    return found


def body(answers: Answers, context: Context) -> dict[str, Json]:
    """Return the broadcast that the answers make, as it is stored: audience, texts, picture, button and title."""
    written: dict[str, Json] = dict(texts(answers, context).items())
    pressed = answers.get("button")
    title = " ".join(placeholders.plain(str(next(iter(written.values()), ""))).split())
    return {
        "audience": audience(answers, context),
        "texts": written,
        "picture": file_of(answers.get("picture")),
        "button": pressed if isinstance(pressed, str) and pressed in ACTIONS else None,
        "title": title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…",
    }
