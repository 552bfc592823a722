"""What every peer asks: the questions of a registration in seven answers. Buttons where there are options, else text."""

from __future__ import annotations

QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("consent", "May we keep what you tell us?", ("I agree", "No")),
    ("nik", "What is the NIK, the 16 digits on your KTP?", ()),
    ("name", "What is your name?", ()),
    ("work", "What is your work?", ()),
    ("payer", "Who pays the contribution?", ("I do", "Somebody else")),
    ("months", "For how many months?", ("12", "3", "1")),
    ("summary", "Is all of this right?", ("Send", "Cancel")),
)
DONE = "Your registration is in the queue."
