"""What an operator sets is what the screens know."""

from __future__ import annotations

from pydantic import SecretStr

from bot.settings import Settings, complaint
from bot.upkeep import office
from storage.vault import fresh_keys


def test_the_office_has_what_is_set() -> None:
    """How often and how many may be written to, and when admins hear of a long wait."""
    keys, index_key = fresh_keys()
    given = Settings(
        _env_file=None,
        token=SecretStr("123456789:AAbbCCddEEffGGhhIIjjKKllMM"),
        keys=SecretStr(keys),
        index_key=SecretStr(index_key),
        operator="Dinas",
        operator_contact="Jl. Contoh",
        area="33.19",
        messages_a_week=5,
        broadcast_alone=40,
        escalate_after_days=9,
    )
    made = office(given)
    assert (made.messages_a_week, made.broadcast_alone, made.escalate_after_days) == (5, 40, 9)


def test_the_cap_has_bounds() -> None:
    """None at all is possible, more than two a day is not; nobody alone may be given, too."""
    assert [complaint("messages_a_week", value) is None for value in ("0", "14", "15", "-1")] == [
        True,
        True,
        False,
        False,
    ]
    assert [complaint("broadcast_alone", value) is None for value in ("0", "1000000", "-1")] == [True, True, False]
