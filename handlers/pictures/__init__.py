"""Pictures the bot draws itself, with a font of its own: the same words give the same bytes."""

from handlers.pictures.card import tier_card
from handlers.pictures.drawing import draw
from handlers.pictures.words import CardMoment, CardTier, CardWords, card_words

__all__ = ["CardMoment", "CardTier", "CardWords", "card_words", "draw", "tier_card"]
