"""Attending: one update of one person goes to the router whose screen it belongs to, and what it says into the outbox."""

from __future__ import annotations

from functools import cache

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from structlog.contextvars import bind_contextvars

from conversations.words import _
from handlers import desk, menu, neighbours, news, own, pledges, posters, review, staff, talk
from handlers.broadcasts import acting, composing, steering
from handlers.campaigns import screens as campaigns
from handlers.handover import cover
from handlers.handover import screens as handover
from handlers.neighbours import batch, claims
from handlers.office import Office
from handlers.pledges import adoption
from handlers.programmes import screens as programmes
from handlers.programmes import trades
from handlers.recap import screens as recap
from handlers.staff import invite
from handlers.visit import Visit, message
from locales import closest, words
from storage import outbox, people
from storage.outbox import Letter
from storage.transaction import Transaction

_KINDS = ("callback_query", "message", "edited_message", "my_chat_member")
Event = Message | CallbackQuery | ChatMemberUpdated | None


@cache
def routers() -> Router:
    """Return the router above all others, the same one always: it holds no state.

    The most frequent come first. There is no dispatcher: its state machine is not needed, since sessions are stored rows.
    """
    above = Router()
    above.include_routers(
        talk.router,
        menu.router,
        invite.router,
        staff.router,
        claims.router,
        neighbours.router,
        review.router,
        own.router,
        news.router,
        posters.router,
        recap.router,
        programmes.router,
        pledges.router,
        adoption.router,
        trades.router,
        batch.router,
        desk.router,
        cover.router,
        handover.router,
        composing.router,
        campaigns.router,
        steering.router,
        acting.router,
        talk.rest,
    )
    return above


async def attend(bot: Bot, update: Update, tx: Transaction, office: Office) -> None:
    """Handle one update within a transaction: whatever it changes and whatever must be sent belong together.

    Groups and channels are not attended: identity numbers have no place there.
    """
    kind, event = _event(update)
    user, chat = _origin(event)
    if event is None or user is None or chat is None or chat.type != ChatType.PRIVATE:
        return
    now = office.clock()
    person = await people.meet(tx, user.id, now)
    visit = Visit(
        tx,
        office,
        now,
        person,
        words(person.language or closest(user.language_code)),
        message=_message_id(event),
        query=event.id if isinstance(event, CallbackQuery) else None,
        name=user.full_name,
    )
    await routers().propagate_event(kind, event, bot=bot, visit=visit)
    letters = visit.answered()
    bind_contextvars(letters=[letter.method for letter in letters])
    await outbox.post(tx, letters, now)


async def apologise(tx: Transaction, chat: int, office: Office) -> None:
    """Tell a person that their last message was lost to a fault of ours."""
    now = office.clock()
    person = await people.meet(tx, chat, now)
    sorry = _("Sorry, something went wrong here and your last message could not be handled. Please send it once more.")
    await outbox.post(tx, [Letter(chat, "sendMessage", message(chat, words(person.language), sorry))], now)


def _event(update: Update) -> tuple[str, Event]:
    """Return what an update is about, and the name under which routers take it."""
    for kind in _KINDS:
        event: Event = getattr(update, kind)
        if event is not None:
            return kind, event
    return "", None


def _origin(event: Event) -> tuple[User | None, Chat | None]:
    if isinstance(event, CallbackQuery):
        return event.from_user, event.message.chat if event.message else None
    return (None, None) if event is None else (event.from_user, event.chat)


def _message_id(event: Event) -> int | None:
    if isinstance(event, CallbackQuery):
        return event.message.message_id if event.message else None
    return event.message_id if isinstance(event, Message) else None
