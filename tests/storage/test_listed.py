"""Lists of others: what a registration's NIK is on, and nothing else to be learned."""

from collections.abc import Callable
from datetime import datetime

from storage import lists, registrations
from storage.database import Database
from storage.registrations import Application

FIRST, SECOND, THIRD = "3319020505909001", "3319020505909002", "3319020505909003"


async def test_a_list_is_replaced_or_added_to(
    database: Database, now: datetime, apply: Callable[..., Application]
) -> None:
    """A new import replaces, an addition adds; a registration knows the lists its NIK is on, and others do not."""
    async with database.write() as tx:
        one = await registrations.submit(tx, apply(person=1, nik=FIRST), now)
        other = await registrations.submit(tx, apply(person=2, nik=SECOND, area="33.19.03.2007"), now)
        numbers = [one.number, other.number]
        assert (await lists.marked(tx, numbers), await lists.known(tx)) == ({}, set())
        await lists.add(tx, lists.SOCIAL_REGISTER, [FIRST, THIRD], now)
        await lists.add(tx, lists.PARTICIPANTS, [FIRST], now)
        await lists.add(tx, lists.PARTICIPANTS, [FIRST], now)
        assert await lists.marked(tx, numbers) == {one.number: {lists.SOCIAL_REGISTER, lists.PARTICIPANTS}}
        later = now.replace(hour=20)
        await lists.add(tx, lists.SOCIAL_REGISTER, [SECOND], later)
        assert await lists.drop_older(tx, lists.SOCIAL_REGISTER, later) == 2
        assert await lists.marked(tx, numbers) == {
            one.number: {lists.PARTICIPANTS},
            other.number: {lists.SOCIAL_REGISTER},
        }
        assert [(found.name, found.count) for found in await lists.all_(tx)] == [
            ("participants", 1),
            ("social_register", 1),
        ]
