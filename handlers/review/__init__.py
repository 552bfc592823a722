"""Review: the queue as cards, several at once, two of one NIK side by side, and what reviewers are told each morning."""

from aiogram import Router

from handlers.review import deck, digest, duplicates, several, under

__all__ = ["digest", "router"]

router = Router(name="review")
router.include_routers(deck.router, several.router, duplicates.router, under.router)
