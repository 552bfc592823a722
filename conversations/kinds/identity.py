"""The two things that identify a worker: the NIK on the KTP and a mobile number."""

from __future__ import annotations

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Narrowed, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.rules import nik, phone
from conversations.words import Value, _

TRIES_A_DAY = 6  # NIK entered by one person in one day: a family on one phone, not a guessing machine

NIK_REFUSALS = {
    nik.NikRefusal.NO_DIGITS: _("I see no digits. The NIK is the 16 digits at the top of the KTP."),
    nik.NikRefusal.SEVERAL: _("I see more than one NIK. Please send one: your own."),
    nik.NikRefusal.REPEATED: _("All digits are the same, so this cannot be a NIK. Please copy it from the KTP."),
    nik.NikRefusal.SEQUENCE: _("This looks like an example number. Please copy the NIK from the KTP."),
    nik.NikRefusal.SERIAL_ZERO: _("A NIK never ends in 0000. Please look at the last four digits again."),
    nik.NikRefusal.UNKNOWN_PROVINCE: _(
        "The first two digits are no province I know. Please look at the KTP again; if it really says so, ask the officer."
    ),
}
PHONE_REFUSALS = {
    phone.PhoneRefusal.SEVERAL: _("I see two numbers. Please send only the one we should call."),
    phone.PhoneRefusal.IS_NIK: _("That is a NIK. Here I need a mobile number, for example 0812 3456 7890."),
    phone.PhoneRefusal.LANDLINE: _("That is a landline. Please send a mobile number, for example 0812 3456 7890."),
    phone.PhoneRefusal.FOREIGN: _("That is not an Indonesian mobile number. It begins with 08 or +62 8."),
    phone.PhoneRefusal.TOO_SHORT: _("The number is too short. Please check whether digits are missing."),
    phone.PhoneRefusal.TOO_LONG: _("The number is too long. Please check whether there are digits too many."),
    phone.PhoneRefusal.UNREADABLE: _("I cannot read a mobile number there. For example: 0812 3456 7890."),
}


class NikNumber:
    """The 16 digits of the KTP, stored as digits. The message that held them is always deleted from the chat."""

    contact = False
    digits = True

    def __init__(self, tries: int = TRIES_A_DAY) -> None:
        self.tries = tries

    def rows(self, step: Step, draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer to confirm a number in which letters were read as digits."""
        return ((Button(_("Yes, read it so"), step.id, "as-read"),),) if isinstance(draft, str) else ()

    def read(self, reply: Reply, draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a NIK that passes every check that can be made without Dukcapil."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, the phone number comes later. First the NIK, please."))
        if context.nik_tries >= self.tries:
            return Refused(
                _("Many NIK have been entered from here today. Please go on tomorrow, or ask {contact}.",
                  contact=context.contact),
                forget=not isinstance(reply, Pressed),
            )  # fmt: skip
        if isinstance(reply, Pressed):
            if reply.option == "as-read" and isinstance(draft, str):
                return Taken(draft, tried="nik")
            return Refused(_("Please type the NIK."))
        match nik.read(reply.text, context.today, context.areas):
            case nik.Understood(understood, _warnings):
                return Taken(understood.number, forget=True, tried="nik")
            case nik.Suspect(suggestion, _warnings):
                note = _(
                    "There are letters among the digits. I read them as the digits they look like, such as O as 0. Is that right? If not, type it again."
                )
                return Narrowed(suggestion, note, forget=True)
            case nik.Refused(nik.NikRefusal.WRONG_LENGTH, digits):
                why = _("I count {digits} digits; a NIK has 16. Please copy it again from the KTP.", digits=digits)
                return Refused(why, forget=True)
            case nik.Refused(reason, digits):
                return Refused(NIK_REFUSALS[reason], forget=digits > 0)

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether the number still passes the checks."""
        return isinstance(value, str) and isinstance(nik.read(value, context.today, context.areas), nik.Understood)

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the number masked."""
        return nik.mask(str(value))


class MobileNumber:
    """An Indonesian mobile number in E.164, typed or shared with the client's button.

    That of somebody else is typed, or comes as any contact card; who has none answers with the button, stored as False.
    """

    digits = True

    def __init__(self, *, own: bool = True) -> None:
        self.own = self.contact = own

    def rows(self, step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing beside the client's own button; for somebody else, to go on without a number."""
        return () if self.own else ((Button(_("No phone"), step.id, "none"),),)

    def read(self, reply: Reply, _draft: Json, _answers: Answers, _context: Context) -> Reading:
        """Take the person's own contact card, or one typed mobile number."""
        if isinstance(reply, Pressed):
            if reply.option == "none" and not self.own:
                return Taken(value=False)
            return Refused(_("Please type the number or press the button that shares it."))
        if isinstance(reply, Contact) and self.own and not reply.own:
            return Refused(
                _("That is somebody else's contact. Please share your own, or type your number."), forget=True
            )
        match phone.read(reply.phone if isinstance(reply, Contact) else reply.text):
            case phone.Mobile(number):
                return Taken(number, note=_("Phone number noted: {phone}", phone=phone.mask(number)), forget=True)
            case phone.Refused(reason):
                return Refused(PHONE_REFUSALS[reason], forget=reason is phone.PhoneRefusal.IS_NIK)

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether the number is still a mobile number."""
        if value is False:
            return not self.own
        return isinstance(value, str) and isinstance(phone.read(value), phone.Mobile)

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the number masked."""
        return _("none") if value is False else phone.mask(str(value))
