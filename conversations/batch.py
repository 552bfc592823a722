"""Many neighbours at once: what is asked once for all of them, and the columns of their sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations import neighbour
from conversations.flow import Flow
from conversations.kinds import Choice, Option
from conversations.words import Text, _

WORDED: dict[str, dict[str, Any]] = {
    "relation": {"asks": _("<b>Whom do you register?</b> It counts for rows that say nothing else.")},
    "consent_how": {
        "asks": _(
            "<b>Do all of them agree</b> that the data are recorded and sent? Leave out whoever has not been asked.\n"
            "Each person decides for themselves; saying no has no drawback."
        )
    },
    "village": {"asks": _("Which <b>village</b> do they live in? It counts for rows that name none.")},
    "employer": {
        "asks": _(
            "Does any of them have <b>BPJS Ketenagakerjaan through an employer</b>? Those are registered singly."
        ),
        "kind": Choice(
            Option("no", _("No, none of them"), also=("tidak", "tidak ada", "belum", "no")),
            Option("unsure", _("I am not sure"), also=("tidak tahu", "kurang tahu")),
        ),
    },
    "payer": {"asks": _("<b>Who will pay</b> their contribution?")},
    "months": {"asks": _("For <b>how many months</b> do they want to pay at first?")},
}
ONCE = ("relation", "consent_how", "village", "employer", "payer", "programme", "tier", "months")

BATCH = Flow(
    "batch",
    tuple(replace(step, **WORDED.get(step.id, {})) for step in neighbour.FORM if step.id in ONCE),
    left=_("Stopped. /daftarkan begins anew."),
)

# The columns of a sheet, in the order of the template, with the step that reads them.
COLUMNS: Mapping[str, Text] = {
    "nik": _("NIK"),
    "name": _("Name"),
    "phone": _("Phone"),
    "occupation": _("Work"),
    "village": _("Village name"),
    "address": _("Address"),
    "relation": _("Relation"),
    "programme": _("Programme"),
}
ASKED_BY_PROGRAMMES: Mapping[str, Text] = {
    "breadwinner": _("Main earner"),
    "family_has_one": _("One of the family has a place"),
}
