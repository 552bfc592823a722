"""What the storage tests share: an applicant, and the database in which he applies."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.registrations import Application

APPLICANT: dict[str, Any] = {
    "person": 1001,
    "registered_by": 1001,
    "area": "33.19.02.2003",
    "occupation": "ojek_online",
    "transport": True,
    "tier": "basic",
    "payer": "sponsor",
    "programme": None,
    "language": "id",
    "document": {"name": "Slamet Contoh", "nik": "3319022505909001", "phone": "+6281234567890"},
    "nik": "3319022505909001",
    "phone": "+6281234567890",
    "hints": (),
}


@pytest.fixture
def apply() -> Callable[..., Application]:
    """Make an application; what is named differs from the usual applicant."""

    def make(**differences: Any) -> Application:
        if "person" in differences:
            differences.setdefault("registered_by", differences["person"])
        return Application(**{**APPLICANT, **differences})

    return make
