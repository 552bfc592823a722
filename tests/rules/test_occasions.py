"""When a registration is due for a reminder: month ends, leap days, late looks, each occasion under one name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import occasions
from conversations.rules.campaigns import CAMPAIGNS
from conversations.rules.occasions import LATE, Subject
from conversations.rules.placeholders import MEANINGS, needs
from conversations.rules.reminder import GOVERNMENT, SELF, SPONSOR, UNKNOWN

KUDUS = ZoneInfo("Asia/Jakarta")
SUBJECT = Subject(
    number="K7M-4QX9",
    state="active",
    payer="self",
    transport=False,
    tier="basic",
    queued=datetime(2026, 11, 1, 9, 0, tzinfo=KUDUS),
    decided=datetime(2026, 11, 20, 19, 30, tzinfo=KUDUS),
    changed=datetime(2026, 11, 20, 19, 30, tzinfo=KUDUS),
    cover_from=date(2026, 12, 1),
    paid_until=date(2026, 12, 31),
)
DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))


def names(code: str, subject: Subject, first: date, days: int) -> dict[str, date]:
    """Return the occasions that a daily look finds from a day on, each with the first day on which it is found."""
    campaign = CAMPAIGNS[code]
    assert campaign.rule is not None
    found: dict[str, date] = {}
    for number in range(days):
        day = first + timedelta(days=number)
        one = campaign.rule(subject, day, campaign.offsets)
        if one is not None:
            found.setdefault(one.name, day)
    return found


def first_days(code: str, first: date, days: int = 400, **differences: object) -> list[date]:
    """Return on which days a registration is written to by a campaign."""
    return list(names(code, replace(SUBJECT, **differences), first, days).values())  # type: ignore[arg-type]  # its own fields


def test_payment_is_due_seven_days_before_its_end() -> None:
    """Once for each end of a month, also of February in a leap year; not when it is over."""
    assert first_days("payment", date(2026, 11, 1)) == [date(2026, 12, 24)]
    assert first_days("payment", date(2028, 1, 1), paid_until=date(2028, 2, 29)) == [date(2028, 2, 22)]
    assert first_days("payment", date(2027, 1, 1)) == []
    assert first_days("payment", date(2026, 12, 28)) == [date(2026, 12, 28)]  # the bot stood still: late, not skipped


def test_a_lapse_is_told_the_day_after_and_once_more_after_a_month() -> None:
    """Never on the day of the notice itself; late for a while, then no more."""
    lapsed = {"state": "lapsed", "paid_until": date(2026, 12, 31), "changed": datetime(2027, 1, 1, 7, tzinfo=KUDUS)}
    assert first_days("lapse", date(2026, 12, 1), **lapsed) == [date(2027, 1, 2)]
    assert first_days("after_lapse", date(2026, 12, 1), **lapsed) == [date(2027, 1, 31)]
    assert first_days("lapse", date(2027, 1, 2) + timedelta(days=LATE + 1), **lapsed) == []
    late = {**lapsed, "changed": datetime(2027, 1, 5, 7, tzinfo=KUDUS)}
    assert first_days("lapse", date(2026, 12, 1), **late) == [date(2027, 1, 6)]


@pytest.mark.parametrize(("transport", "last"), [(False, date(2026, 12, 31)), (True, date(2027, 3, 31))])
def test_the_half_price_ends_by_the_table(transport: bool, last: date) -> None:
    """Fourteen days before the last day of the discount of one's sector, once, and only for who pays alone."""
    days = first_days("discount", date(2026, 11, 1), transport=transport)
    assert days == [last - timedelta(days=14)]
    for payer in (SPONSOR, GOVERNMENT):
        assert first_days("discount", date(2026, 11, 1), transport=transport, payer=payer) == []
    assert first_days("discount", date(2026, 11, 1), state="lapsed") == []
    paid = last + timedelta(days=31)
    assert first_days("discount", date(2026, 11, 1), 150, transport=transport, paid_until=paid) == []


def test_full_benefit_after_three_months() -> None:
    """On the same day of the month, or the last one of a shorter month."""
    assert first_days("full_benefit", date(2026, 12, 1)) == [date(2027, 3, 1)]
    assert first_days("full_benefit", date(2026, 12, 1), cover_from=date(2026, 11, 30)) == [date(2027, 2, 28)]


def test_each_year_of_cover_once() -> None:
    """Also for who is covered since a 29 February, in common years and in leap years."""
    assert first_days("yearly", date(2026, 12, 1), 1200) == [date(2027, 12, 1), date(2028, 12, 1), date(2029, 12, 1)]
    leap = first_days("yearly", date(2028, 3, 1), 1500, cover_from=date(2028, 2, 29))
    assert leap == [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]
    assert first_days("yearly", date(2028, 1, 3), 5, cover_from=date(2026, 12, 30)) == [date(2028, 1, 3)]


def test_cover_is_told_once_it_runs() -> None:
    """The day after it was recorded, not before it begins, and not long afterwards."""
    assert first_days("confirmed", date(2026, 11, 20)) == [date(2026, 12, 1)]
    assert first_days("confirmed", date(2026, 11, 20), cover_from=date(2026, 11, 1)) == [date(2026, 11, 21)]
    assert first_days("confirmed", date(2027, 11, 20)) == []


def test_what_must_be_put_right_is_asked_for_twice() -> None:
    """One day and three days after the decision, at its hour; after a stop only the later one."""
    wanted = replace(SUBJECT, state="needs_correction")
    assert list(names("correction", wanted, date(2026, 11, 20), 60).values()) == [
        date(2026, 11, 21),
        date(2026, 11, 23),
    ]
    found = occasions.correction(wanted, date(2026, 11, 21), (1, 3))
    assert found is not None
    assert found.at == datetime(2026, 11, 21, 19, 30, tzinfo=KUDUS)
    assert list(names("correction", wanted, date(2026, 11, 24), 60).values()) == [date(2026, 11, 24)]


@pytest.mark.parametrize("state", ["queued", "waiting_list"])
def test_who_waits_hears_weekly(state: str) -> None:
    """After three days, then each week, and no more once it is decided."""
    assert first_days("queue", date(2026, 11, 1), 20, state=state) == [
        date(2026, 11, 4), date(2026, 11, 11), date(2026, 11, 18),
    ]  # fmt: skip
    assert first_days("queue", date(2026, 11, 1), 20, state="approved") == []


def test_who_turns_65_is_told_while_there_is_time() -> None:
    """From ninety days before the birthday until the day before it; not for who is covered."""
    born = {"born": date(1962, 3, 1), "state": "queued"}
    assert first_days("under_65", date(2026, 11, 1), **born) == [date(2026, 12, 1)]
    assert first_days("under_65", date(2027, 3, 1), **born) == []
    assert first_days("under_65", date(2026, 11, 1), born=born["born"]) == []
    assert occasions.too_old_on(date(1964, 2, 29)) == date(2029, 2, 28)


@given(st.sampled_from([one.code for one in CAMPAIGNS.values() if one.rule]), DAYS, DAYS, DAYS, st.integers(0, 13))
def test_a_stop_makes_late_and_never_skips_nor_doubles(
    code: str, since: date, until: date, start: date, gap: int
) -> None:
    """Whatever is due while the bot stands still for up to two weeks is found afterwards, and nothing twice."""
    differences = {"cover_from": since, "paid_until": until, "born": date(since.year - 65, 6, 15)}
    for state in ("active", "lapsed", "queued", "needs_correction"):
        subject = replace(SUBJECT, state=state, **differences)  # type: ignore[arg-type]  # its own fields
        always = names(code, subject, start, 40 + gap)
        stopped = names(code, subject, start, 10) | names(code, subject, start + timedelta(days=10 + gap), 30)
        skipped = {name for name in always.keys() - stopped.keys() if code not in {"queue", "correction"}}
        over = {name for name in skipped if code in {"payment", "discount", "under_65"}}  # no longer true by then
        assert skipped == over
        assert stopped.keys() <= always.keys()


def test_who_is_paid_for_reads_no_price() -> None:
    """A text for who does not pay alone names no price, asks for no payment, and has no such button."""
    for campaign in CAMPAIGNS.values():
        for variant, wording in campaign.wordings.items():
            assert wording.values <= MEANINGS.keys()
            assert set(needs(wording.text.sentence)) <= wording.values
            if variant in {SPONSOR, GOVERNMENT, UNKNOWN}:
                assert not {"iuran", "harga_baru", "bulan"} & wording.values
                assert wording.buttons == ()
        if {SPONSOR, GOVERNMENT} & campaign.wordings.keys():
            assert campaign.wordings.keys() == {SELF, SPONSOR, GOVERNMENT, UNKNOWN}
