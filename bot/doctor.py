"""The doctor: looks at everything a running bot needs and names all that is wrong at once."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from aiogram.types import WebhookInfo

from bot.intake.hook import Hook, address, faults
from bot.settings import PREFIX, PUBLIC_API, Settings, SettingsError, load, overlooked
from bot.watching.logs import redact
from conversations.rules.areas import Areas
from handlers.handover import mapping
from locales import LANGUAGES, words
from locales.extract import sentences
from storage import backups
from storage.database import Database
from storage.engines import OLDEST_SQLITE, DatabaseError

ROOM = 1.0  # GB that should be free
OLD = 26  # hours after which a daily backup is overdue
DRIFT = 60  # seconds this clock may differ from Telegram's


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and a sentence that says so or says what to do."""

    well: bool
    sentence: str


async def examine() -> list[Finding]:
    """Look at everything. What cannot be looked at because something before it is wrong is left out."""
    findings = [_catalogues(), _sqlite(), *(Finding(well=False, sentence=sentence) for sentence in overlooked())]
    try:
        settings = load()
    except SettingsError as wrong:
        return [*(Finding(well=False, sentence=sentence) for sentence in wrong.sentences), *findings]
    findings.insert(0, Finding(well=True, sentence="Settings: complete."))
    findings += [
        _area(settings),
        _admins(settings),
        _mapping(settings),
        *await _telegram(settings),
        await _database(settings),
        *_disk(settings),
        _backups(settings),
    ]
    return findings


def _catalogues() -> Finding:
    missing = {text for text, _file in sentences() for language in LANGUAGES if not words(language).has(text)}
    if missing:
        return Finding(well=False, sentence=f"Catalogues: {len(missing)} sentences are not translated; see locales/.")
    return Finding(well=True, sentence=f"Catalogues: complete ({', '.join(LANGUAGES)}).")


def _sqlite() -> Finding:
    needed = ".".join(map(str, OLDEST_SQLITE))
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding(well=False, sentence=f"SQLite {sqlite3.sqlite_version} is too old: {needed} or newer is needed.")
    return Finding(well=True, sentence=f"SQLite {sqlite3.sqlite_version}.")


def _area(settings: Settings) -> Finding:
    place = Areas.load(settings.area).describe(settings.area)
    return Finding(well=True, sentence=f"Area: {place}. Time zone: {settings.timezone.key}.")


def _admins(settings: Settings) -> Finding:
    if not settings.admins:
        return Finding(well=False, sentence=f"{PREFIX}ADMINS is empty: nobody could invite sponsors.")
    return Finding(well=True, sentence=f"Admins: {len(settings.admins)}.")


def _mapping(settings: Settings) -> Finding:
    try:
        columns = len(mapping.load(settings.handover_template).columns)
    except mapping.MappingError as wrong:
        return Finding(well=False, sentence=f"{PREFIX}HANDOVER_TEMPLATE: {' '.join(wrong.sentences)}")
    return Finding(well=True, sentence=f"Hand-over to BPJS: {columns} columns.")


def _disk(settings: Settings) -> list[Finding]:
    if not settings.folder.is_dir():
        return []
    free = shutil.disk_usage(settings.folder).free / 10**9
    if free < ROOM:
        sentence = f"Disk: only {free:.1f} GB are free where the bot keeps its files: make room."
        return [Finding(well=False, sentence=sentence)]
    return [Finding(well=True, sentence=f"Disk: {free:.0f} GB are free where the bot keeps its files.")]


def _backups(settings: Settings) -> Finding:
    if settings.backup_dir is None:
        return Finding(
            well=True, sentence=f"Backups: none are made by themselves, since {PREFIX}BACKUP_DIR is not set."
        )
    made_at = backups.latest(settings.backup_dir)
    if made_at is None:
        return Finding(well=True, sentence="Backups: none yet; the running bot makes one each day.")
    hours = (datetime.now(UTC) - made_at).total_seconds() / 3600
    sentence = f"Backups: the last is {hours:.0f} hours old"
    if hours > OLD:
        return Finding(well=False, sentence=f"{sentence}: the bot's log says why, `sertakan backup` makes one.")
    return Finding(well=True, sentence=f"{sentence}.")


async def _telegram(settings: Settings) -> list[Finding]:
    """Ask the Bot API who the bot is, and compare clocks by its answer's date."""
    url = f"{settings.api_url.rstrip('/')}/bot{settings.token.get_secret_value()}/"
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
            me, date = await _asked(http, url + "getMe")
            hook, _date = await _asked(http, url + "getWebhookInfo")
    except (aiohttp.ClientError, TimeoutError) as error:
        return [
            Finding(well=False, sentence=f"The Bot API does not answer ({type(error).__name__}): check the network.")
        ]
    if "ok" not in me:
        return [Finding(well=False, sentence=f"{PREFIX}API_URL is no Bot API server: the public one is {PUBLIC_API}.")]
    if not me["ok"]:
        return [
            Finding(well=False, sentence=f"{PREFIX}TOKEN is not known to Telegram: ask @BotFather for it (/token).")
        ]
    findings = [Finding(well=True, sentence=f"Token: belongs to @{me['result'].get('username')}.")]
    if hook.get("ok"):
        found = Hook.of(WebhookInfo.model_validate(hook["result"]))
        wrong = faults(found, address(settings), datetime.now(UTC))
        findings += [Finding(well=False, sentence=sentence) for sentence in wrong]
    if settings.api_url != PUBLIC_API:
        findings.append(Finding(well=True, sentence=f"Bot API server: {redact(settings.api_url)}."))
    drift = abs((datetime.now(UTC) - date).total_seconds()) if date else 0
    if drift > DRIFT:
        sentence = f"This machine's clock is off by {drift:.0f} seconds: set it (timedatectl set-ntp true)."
        findings.append(Finding(well=False, sentence=sentence))
    else:
        findings.append(Finding(well=True, sentence="Clock: agrees with the Bot API server."))
    return findings


async def _asked(http: aiohttp.ClientSession, url: str) -> tuple[dict[str, Any], datetime | None]:
    async with http.get(url) as response:
        date = response.headers.get("Date")
        try:
            answer = await response.json(content_type=None)
        except ValueError:  # a page for people
            answer = None
        return answer if isinstance(answer, dict) else {}, parsedate_to_datetime(date) if date else None


async def _database(settings: Settings) -> Finding:
    """Open the database, and open one thing in it with the keys."""
    try:
        database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    except DatabaseError as wrong:
        return Finding(well=False, sentence=f"Database: {wrong}")
    try:
        current = await database.schema_is_current()
        if current and not await database.keys_fit():
            return Finding(
                well=False,
                sentence=f"{PREFIX}KEYS or {PREFIX}INDEX_KEY do not fit the stored data: use the .env it was written with.",
            )
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, the operator needs the sentence
        return Finding(well=False, sentence=f"Database: it cannot be read ({type(error).__name__}).")
    finally:
        await database.close()
    if not current:
        return Finding(well=True, sentence="Database: reachable; `sertakan migrate` or `run` will set up its schema.")
    return Finding(well=True, sentence="Database: reachable, schema current, keys fit.")
