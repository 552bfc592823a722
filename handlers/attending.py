"""Attending: one update of one person goes to the router whose screen it belongs to, and what it says into the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import NamedTuple

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update, User
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
from storage.drawer import Drawer
from storage.outbox import Letter
from storage.people import Person
from storage.transaction import Transaction

_KINDS = ("callback_query", "message", "edited_message", "my_chat_member")
Event = Message | CallbackQuery | ChatMemberUpdated
During = Callable[[Update], AbstractContextManager[object]]


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


async def attend(
    bot: Bot, updates: Sequence[Update], tx: Transaction, office: Office, during: During = nullcontext
) -> None:
    """Handle updates within a transaction, each of another chat: what they change and what must be sent belong together.

    What all have in common is fetched and written with one statement for all: who they are, their conversations, and
    the replies to them. What may meet letters of others, by a slot or a ref, is posted at once. `during` is entered
    while an update is handled.
    Groups and channels are not attended: identity numbers have no place there.
    """
    came = [(update, _came(update)) for update in updates]
    now, ids = office.clock(), [one.user.id for _update, one in came if one is not None]
    met, drawer = await people.meet_all(tx, ids, now), await Drawer.of(tx, ids)
    replies: list[Letter] = []
    for update, one in came:
        with during(update):
            if one is not None:
                visit = one.visit(met[one.user.id], drawer, tx, office)
                await routers().propagate_event(one.kind, one.event, bot=bot, visit=visit)
                replies += await _posted(visit)
    await drawer.put_back()
    await outbox.post(tx, replies, now)


async def _posted(visit: Visit) -> list[Letter]:
    """Post what a visit says, or return it where it can wait for the others: nothing but replies to the person."""
    letters = visit.answered()
    bind_contextvars(letters=[letter.method for letter in letters])
    if not any(letter.slot or letter.ref or letter.chat_id != visit.id for letter in letters):
        return letters
    await outbox.post(visit.tx, letters, visit.now)
    return []


async def apologise(tx: Transaction, chat: int, office: Office) -> None:
    """Tell a person that their last message was lost to a fault of ours."""
    now = office.clock()
    person = await people.meet(tx, chat, now)
    sorry = _("Sorry, something went wrong here and your last message could not be handled. Please send it once more.")
    await outbox.post(tx, [Letter(chat, "sendMessage", message(chat, words(person.language), sorry))], now)


class _Came(NamedTuple):
    """An update of a person in their private chat: the name under which routers take it, and what it is about."""

    kind: str
    event: Event
    user: User

    def visit(self, person: Person, drawer: Drawer, tx: Transaction, office: Office) -> Visit:
        press = self.event if isinstance(self.event, CallbackQuery) else None
        shown = self.event if not isinstance(self.event, CallbackQuery) else self.event.message
        return Visit(
            tx,
            office,
            office.clock(),
            person,
            words(person.language or closest(self.user.language_code)),
            drawer,
            message=None if shown is None or isinstance(shown, ChatMemberUpdated) else shown.message_id,
            query=None if press is None else press.id,
            name=self.user.full_name,
        )


def _came(update: Update) -> _Came | None:
    for kind in _KINDS:
        event: Event | None = getattr(update, kind)
        if event is not None:
            holder = event.message if isinstance(event, CallbackQuery) else event
            user = event.from_user
            private = holder is not None and holder.chat.type == ChatType.PRIVATE
            return _Came(kind, event, user) if private and user is not None else None
    return None
