"""Benefits: the amounts that a source confirms, and sentences that can be filled."""

from __future__ import annotations

from string import Formatter

from conversations.rules.benefits import Moment, benefits, title
from conversations.rules.prices import Tier
from conversations.words import Money, Text


def fields(text: Text) -> set[str]:
    """The names in a sentence's braces."""
    return {name for _, name, _, _ in Formatter().parse(text.sentence) if name}


def test_the_amounts() -> None:
    """What is paid, as the sources have it."""
    by_id = {benefit.id: benefit for benefit in benefits(Tier.WITH_JHT)}
    amounts = {key: benefit.sentence.values.get("amount") for key, benefit in by_id.items()}
    assert amounts["death_at_work"] == Money(70_000_000)
    assert amounts["death"] == Money(42_000_000)
    assert amounts["scholarship"] == Money(174_000_000)
    assert amounts["income"] == Money(1_000_000)
    assert amounts["disability"] == Money(68_000_000)
    assert by_id["savings"].sentence.values["age"] == 56


def test_the_waiting_rules() -> None:
    """Death after three months, else only the funeral; the scholarship after three years."""
    waiting = {benefit.id: benefit.waiting for benefit in benefits(Tier.WITH_JHT) if benefit.waiting}
    assert dict(waiting["death"].values) == {"months": 3, "before": Money(10_000_000)}
    assert waiting["scholarship"].values["years"] == 3
    assert set(waiting) == {"death", "scholarship", "savings_part"}


def test_only_the_dearer_tier_saves_for_old_age() -> None:
    """Both tiers pay the same for accident and death; JHT adds old age and nothing else."""
    basic, with_jht = benefits(Tier.BASIC), benefits(Tier.WITH_JHT)
    assert with_jht[: len(basic)] == basic
    assert {benefit.moment for benefit in basic} == {Moment.ACCIDENT, Moment.DEATH}
    assert {benefit.moment for benefit in with_jht[len(basic) :]} == {Moment.OLD_AGE}


def test_every_sentence_has_its_values() -> None:
    """Each placeholder has a value and each value a placeholder."""
    for benefit in benefits(Tier.WITH_JHT):
        for text in filter(None, (benefit.sentence, benefit.waiting)):
            assert fields(text) == set(text.values)
            assert len(text.sentence) <= 120


def test_every_fact_has_a_source() -> None:
    """Nothing is told that cannot be looked up, and no rate of return is promised."""
    assert all(benefit.source.name for benefit in benefits(Tier.WITH_JHT))
    assert not any("5,51" in benefit.sentence.sentence for benefit in benefits(Tier.WITH_JHT))


def test_every_moment_has_a_title() -> None:
    """Three moments, three headings."""
    assert len({title(moment).sentence for moment in Moment}) == 3
