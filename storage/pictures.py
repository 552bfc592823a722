"""Pictures already uploaded: the file id under which the messenger can send them again."""

from sqlalchemy import select

from storage.tables import pictures
from storage.transaction import Transaction


async def known(tx: Transaction, key: str) -> str | None:
    """Return the file id of the picture with this key."""
    return await tx.connection.scalar(select(pictures.c.file_id).where(pictures.c.key == key))


async def learn(tx: Transaction, key: str, file_id: str) -> None:
    """Remember a picture's file id, in place of an older one."""
    await tx.connection.execute(
        tx.insert(pictures)
        .values(key=key, file_id=file_id)
        .on_conflict_do_update(index_elements=["key"], set_={"file_id": file_id})
    )
