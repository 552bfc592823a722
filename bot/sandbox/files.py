"""Files that were sent, by the bot or by people, kept in memory under a file id."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePath
from typing import Any

from PIL import Image

from bot.sandbox.parameters import Upload
from bot.sandbox.refusals import bad_request

PHOTO_LIMIT = 10 * 1024 * 1024  # bytes, as Telegram
DOCUMENT_LIMIT = 50 * 1024 * 1024
FETCH_LIMIT = 20 * 1024 * 1024
_SIDES = 10_000  # pixels, width and height together
_PROPORTION = 20


@dataclass(frozen=True, slots=True)
class File:
    """One stored file; `width` and `height` are pixels, 0 when it is no picture."""

    id: str
    name: str
    mime: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        """Where /file/bot<token>/ serves it."""
        return f"{'photos' if self.width else 'documents'}/{self.id}{PurePath(self.name).suffix}"

    def as_telegram(self) -> dict[str, Any]:
        """What every kind of file has in common in the Bot API."""
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": len(self.content)}

    def as_photo(self) -> list[dict[str, Any]]:
        """The one size this sandbox keeps."""
        return [{**self.as_telegram(), "width": self.width, "height": self.height}]

    def as_document(self) -> dict[str, Any]:
        """A document with its name and type."""
        return {**self.as_telegram(), "file_name": self.name, "mime_type": self.mime}


class Files:
    """The files of one world, by id."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._numbers = count(1)

    def get(self, file_id: str) -> File:
        """The file with this id; raises Refusal when there is none."""
        try:
            return self._files[file_id]
        except KeyError as error:
            raise bad_request("wrong file identifier/HTTP URL specified") from error

    def at(self, path: str) -> File | None:
        """The file served at `path`."""
        file = self._files.get(PurePath(path).stem)
        return file if file is not None and file.path == path else None

    def add_document(self, upload: Upload) -> File:
        """Keep any file; raises Refusal when it is empty or above 50 MB."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > DOCUMENT_LIMIT:
            raise bad_request("file is too big")
        return self._keep(upload, 0, 0)

    def add_photo(self, upload: Upload) -> File:
        """Keep a picture; raises Refusal when it is none, or too large by bytes, sides or proportion."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > PHOTO_LIMIT:
            raise bad_request("file is too big")
        try:
            with Image.open(io.BytesIO(upload.content)) as picture:
                width, height = picture.size
        except (OSError, ValueError) as error:
            raise bad_request("IMAGE_PROCESS_FAILED") from error
        if width + height > _SIDES or max(width, height) > _PROPORTION * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep(upload, width, height)

    def _keep(self, upload: Upload, width: int, height: int) -> File:
        file = File(f"file{next(self._numbers)}", upload.name, upload.mime, upload.content, width, height)
        self._files[file.id] = file
        return file
