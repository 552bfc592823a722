"""Renews the catalogues from the code: `python -m locales.extract` after writing or changing a sentence.

Sentences stand in the code as `_("…")` and, for occupations, in a data file. New ones arrive in each catalogue without
a translation, those no longer said are dropped, and a test fails until every one has its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from conversations.rules import occupations
from locales import LANGUAGES, SOURCE

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "conversations", "handlers")


def sentences() -> Iterator[tuple[str, str]]:
    """Return every sentence that people may read, with the file it stands in."""
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, [("**.py", "python")], keywords={"_": None})
        for file, _line, message, _comments, _context in found:
            if isinstance(message, str):
                yield message, f"{package}/{file}"
    for job in occupations.all_():
        yield job.label.sentence, "conversations/rules/data/occupations.csv"


def main() -> None:
    """Bring every catalogue up to date with the code."""
    template = Catalog(project="Sertakan Bot", charset="utf-8")
    for sentence, file in sentences():
        template.add(sentence, locations=[(file, 0)])
    for language in LANGUAGES.keys() - {SOURCE}:
        path = ROOT / "locales" / f"{language}.po"
        catalogue = Catalog(locale=language, project="Sertakan Bot", charset="utf-8")
        if path.exists():
            with path.open("rb") as kept:
                catalogue = read_po(kept, locale=language)
        catalogue.update(template, no_fuzzy_matching=True)
        with path.open("wb") as written:
            write_po(written, catalogue, width=0, sort_by_file=True, ignore_obsolete=True, include_lineno=False)


if __name__ == "__main__":
    main()
