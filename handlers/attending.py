"""Attending: one update of one person goes to the router whose screen it belongs to, and what it says into the outbox."""

from __future__ import annotations

from functools import cache

from aiogram import Bot, Dispatcher
from aiogram.enums import ChatType
from aiogram.types import Chat, Update, User

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


@cache
def dispatcher() -> Dispatcher:
    """Return aiogram's dispatcher over all routers, the same one always: it holds no state.

    Its state machine is off, since sessions are stored rows.
    """
    made = Dispatcher(disable_fsm=True)
    for router in (
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
        talk.router,
    ):
        made.include_router(router)
    return made


async def attend(dispatch: Dispatcher, bot: Bot, update: Update, tx: Transaction, office: Office) -> None:
    """Handle one update within a transaction: whatever it changes and whatever must be sent belong together.

    Groups and channels are not attended: identity numbers have no place there.
    """
    user, chat = _origin(update)
    if user is None or chat is None or chat.type != ChatType.PRIVATE:
        return
    now = office.clock()
    person = await people.meet(tx, user.id, now)
    visit = Visit(
        tx,
        office,
        now,
        person,
        words(person.language or closest(user.language_code)),
        message=_message_id(update),
        query=update.callback_query.id if update.callback_query else None,
        name=user.full_name,
    )
    await dispatch.feed_update(bot, update, visit=visit)
    await outbox.post(tx, visit.answered(), now)


async def apologise(tx: Transaction, chat: int, office: Office) -> None:
    """Tell a person that their last message was lost to a fault of ours."""
    now = office.clock()
    person = await people.meet(tx, chat, now)
    sorry = _("Sorry, something went wrong here and your last message could not be handled. Please send it once more.")
    await outbox.post(tx, [Letter(chat, "sendMessage", message(chat, words(person.language), sorry))], now)


def _origin(update: Update) -> tuple[User | None, Chat | None]:
    if update.callback_query is not None:
        press = update.callback_query
        return press.from_user, press.message.chat if press.message else None
    if update.my_chat_member is not None:
        return update.my_chat_member.from_user, update.my_chat_member.chat
    sent = update.message or update.edited_message
    return (sent.from_user, sent.chat) if sent is not None else (None, None)


def _message_id(update: Update) -> int | None:
    if update.callback_query is not None:
        return update.callback_query.message.message_id if update.callback_query.message else None
    sent = update.message or update.edited_message
    return sent.message_id if sent is not None else None
