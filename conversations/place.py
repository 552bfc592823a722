"""Where a conversation stands: worked out from its answers at every turn, never stored (rules 2 and 4 of the engine)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from conversations.events import Json
from conversations.flow import Context, Flow, Step
from conversations.leaving import LEAVE
from conversations.session import Session


@dataclass(frozen=True)
class Place:
    """A session in the light of its flow, as that is today, and of what may be known."""

    flow: Flow
    session: Session
    context: Context
    _held: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, flow: Flow, session: Session, context: Context) -> Place:
        """Return where a stored session stands: its steps under their present ids, its facts among the context's."""
        now = {old: step.id for step in flow.steps for old in step.was}
        session = replace(
            session,
            answers={now.get(name, name): value for name, value in session.answers.items()},
            sources={message: now.get(name, name) for message, name in session.sources.items()},
            at=now.get(session.at or "", session.at),
            reopened=now.get(session.reopened or "", session.reopened),
        )
        return cls(flow, session, replace(context, facts={**context.facts, **session.learned}))

    def step(self, name: str | None) -> Step | None:
        """Return the step with this id, the one for leaving included."""
        return LEAVE if name == LEAVE.id else self.flow.step(name)

    @property
    def shown(self) -> Step | None:
        """Return the step whose question was last shown."""
        return self.step(self.session.at)

    def applies(self, step: Step) -> bool:
        """Tell whether a step concerns this person."""
        return step.when(self.session.answers, self.context)

    @cached_property
    def applicable(self) -> list[Step]:
        """Return the steps that concern this person, in order."""
        return [step for step in self.flow.steps if self.applies(step)]

    def holds(self, step: Step) -> bool:
        """Tell whether a step has an answer that is valid today and does not end the conversation."""
        if (held := self._held.get(step.id)) is None:
            held = self._held[step.id] = self._holds(step)
        return held

    def _holds(self, step: Step) -> bool:
        value = self.session.answers.get(step.id)
        if value is None or (isinstance(value, str) and value in step.ends):
            return False
        return step.kind.holds(value, self.session.answers, self.context)

    @cached_property
    def current(self) -> Step | None:
        """Return the question to be asked now; None when nothing is open."""
        if self.session.reopened == LEAVE.id:
            return LEAVE
        applicable = self.applicable
        reopened = next((step for step in applicable if step.id == self.session.reopened), None)
        return reopened or next((step for step in applicable if not self.holds(step)), None)

    def before(self, step: Step) -> Step | None:
        """Return the answered step before this one in the order of the form."""
        applicable = self.applicable
        if step not in applicable:
            return None
        earlier = [one for one in applicable[: applicable.index(step)] if one.asked and self.holds(one)]
        return earlier[-1] if earlier else None

    @property
    def ending(self) -> str | None:
        """Return how the conversation ended: an ending chosen with nothing open before it, or "done"."""
        if self.session.reopened is not None:
            return None
        for step in self.applicable:
            value = self.session.answers.get(step.id)
            if isinstance(value, str) and value in step.ends:
                return step.ends[value]
            if not self.holds(step):
                return None
        return "done"

    @property
    def result(self) -> dict[str, Json]:
        """Return the answers of the steps that apply, and of no other."""
        answers = self.session.answers
        return {step.id: answers[step.id] for step in self.applicable if step.id in answers}
