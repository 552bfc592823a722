"""A picture, sent as a photo; stored as the id by which Telegram sends it again."""

from __future__ import annotations

from collections.abc import Callable

from conversations.events import Contact, Json, Pictured, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.words import Text, Value, _

NONE = "none"  # stored where there is to be no picture
LONGEST = 200  # characters of a file's id; Telegram's have about 90


class Photo:
    """A picture as `{"file": …}`, or none. `against` tells why there cannot be one for these answers."""

    contact = False
    digits = False

    def __init__(self, against: Callable[[Answers, Context], Text | None]) -> None:
        self.against = against

    def rows(self, step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer to go without."""
        return ((Button(_("No picture"), step.id, NONE),),)

    def look(self, picture: Pictured, answers: Answers, context: Context) -> Reading:
        """Take a picture, if there can be one."""
        why = self.against(answers, context)
        if why is not None or len(picture.file) > LONGEST:
            return Refused(why or _("I cannot use this picture. Please send another one."))
        return Taken({"file": picture.file})

    def read(self, reply: Reply, _draft: Json, _answers: Answers, _context: Context) -> Reading:
        """Take the button; everything else is no picture."""
        if isinstance(reply, Pressed) and reply.option == NONE:
            return Taken(NONE)
        return Refused(
            _("Please send the picture as a photo, or press “No picture”."), forget=isinstance(reply, Contact)
        )

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether it is a picture's id, or none."""
        return file_of(value) is not None or value == NONE

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Tell whether there is one."""
        return _("none") if file_of(value) is None else _("yes, as sent")


def file_of(value: Json) -> str | None:
    """Return the id of a picture that was answered, None where there is none."""
    file = value.get("file") if isinstance(value, dict) else None
    return file if isinstance(file, str) else None
