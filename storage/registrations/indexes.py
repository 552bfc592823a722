"""The indexes of registrations: of one for each NIK, and of several while the index key is exchanged."""

from collections.abc import Collection
from typing import Any, Literal

from sqlalchemy import Column, select

from storage.registrations.records import document_place
from storage.tables import registrations
from storage.transaction import Transaction

Indexed = Literal["nik", "phone"]
COLUMNS: dict[Indexed, Column[Any]] = {"nik": registrations.c.nik_index, "phone": registrations.c.phone_index}


async def indexes(tx: Transaction, numbers: Collection[str], of: Indexed) -> dict[str, list[bytes]]:
    """Return under which indexes the NIK, or the phone, of each of these registrations may stand anywhere.

    With several keys its document is opened for the others; of one that is erased only the index is left that it has.
    Those without any index are left out.
    """
    row = registrations.c
    documents = [row.document] if tx.vault.turning else []
    found = await tx.connection.execute(
        select(row.number, COLUMNS[of].label("index"), *documents).where(row.number.in_(numbers))
    )
    return {
        one.number: _all(tx, one.number, one._asdict()["index"], one.document if documents else None, of)
        for one in found
        if one._asdict()["index"] is not None
    }


def _all(tx: Transaction, number: str, index: bytes, document: bytes | None, of: Indexed) -> list[bytes]:
    plain = None if document is None else tx.vault.open_json(document, document_place(number)).get(of)
    return list({index, *(tx.vault.blinds(of, plain) if isinstance(plain, str) else ())})
