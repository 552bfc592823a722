"""Settings, from the environment or `.env`, each with the prefix SERTAKAN_. A wrong one gives a sentence."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from conversations.consent import HANDED_DAYS
from conversations.rules.areas import Areas
from storage.vault import KeyFormatError, Vault

PREFIX = "SERTAKAN_"
PUBLIC_API = "https://api.telegram.org"
LAST_PORT = 65535

TelegramId = Annotated[int, Field(gt=0, lt=2**52)]  # the Bot API promises 52 bits

SENTENCES = {
    "token": "the bot's token from @BotFather, such as 123456789:AA…",
    "api_url": f"the address of a Bot API server, such as {PUBLIC_API}",
    "database_url": "where the data are kept: sqlite:///var/sertakan.db or postgresql://user@host/name",
    "keys": "1:<base64 of 32 bytes>, several separated by commas; `sertakan init` makes one",
    "index_key": "base64 of 32 bytes, or several like KEYS; `sertakan init` makes one",
    "admins": "Telegram ids separated by commas, such as 123456789,987654321",
    "operator": "the name of the office that runs the bot, as people know it",
    "operator_contact": "where people can check that the bot is real: an address and a telephone number",
    "area": "the code of the regency, district or village served, such as 33.19",
    "listen": "the host:port for health checks and the web hook, such as 127.0.0.1:8080",
    "hook_url": "the public https address before /hook, where Telegram sends updates after `sertakan hook set`; leave it unset to poll",
    "hook_secret": "16 to 256 characters A-Z a-z 0-9 _ -, known to Telegram and this bot only",
    "handover_template": "the path of a TOML file with the columns of the file for BPJS; without it, a full set of them",
    "escalate_after_days": "after how many days of waiting admins are told, from 1 to 60",
    "messages_a_week": "how many reminders and news one person may get in seven days, from 0 (none) to 14",
    "broadcast_alone": "up to how many recipients one admin may send a broadcast to alone, from 0 to 1000000",
    "backup_dir": "the folder for a backup each day, on a disk of this machine; without it none is made by itself",
    "backup_at": "from when on the day's backup is made, local time such as 02:00",
    "backup_keep": "how many backups are kept, from 1 to 1000",
    "erase_after_days": "how many days after the hand-over the form of who is covered is erased, from 1 to "
    f"{HANDED_DAYS}, which is what people are promised",
    "timezone": "a time zone's name, such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura",
    "log_format": "the form of log lines: console or json",
    "log_level": "how much is logged: warning, info (a line for each update) or debug (each call of the Bot API as well)",
    "sentry_dsn": "the address at which a Sentry takes reports of errors, https://<key>@<host>/<number>; without it none are sent",
    "otel_endpoint": "the address of an OpenTelemetry collector, such as http://127.0.0.1:4318; without it no traces are sent",
}


class SettingsError(Exception):
    """One or more settings are missing or wrong; `sentences` say which and what they should be. No value is in them."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Settings(BaseSettings):
    """What an operator decides."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    token: SecretStr
    api_url: str = Field(PUBLIC_API, pattern=r"^https?://[^\s/]+(/[^\s]*)?$")
    database_url: SecretStr = SecretStr("sqlite:///var/sertakan.db")
    keys: SecretStr
    index_key: SecretStr
    admins: Annotated[frozenset[TelegramId], NoDecode] = Field(frozenset(), repr=False)
    operator: str = Field(min_length=2, max_length=80)
    operator_contact: str = Field(min_length=2, max_length=160)
    area: str = Field(pattern=r"^\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?$")
    listen: str = Field("127.0.0.1:8080", pattern=r"^\S+:\d{1,5}$")
    hook_url: str | None = Field(None, pattern=r"^https?://\S+$")
    hook_secret: SecretStr | None = None
    handover_template: Path | None = None
    escalate_after_days: int = Field(3, ge=1, le=60)
    messages_a_week: int = Field(2, ge=0, le=14)
    broadcast_alone: int = Field(500, ge=0, le=1_000_000)
    backup_dir: Path | None = None
    backup_at: str = Field("02:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    backup_keep: int = Field(14, ge=1, le=1000)
    erase_after_days: int = Field(HANDED_DAYS, ge=1, le=HANDED_DAYS)
    timezone: ZoneInfo = ZoneInfo("Asia/Jakarta")
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning"] = "info"
    sentry_dsn: SecretStr | None = None
    otel_endpoint: str | None = Field(None, pattern=r"^https?://[^\s/@]+(/\S*)?$")

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"\d{5,15}:[\w-]{20,}", value.get_secret_value(), re.ASCII):
            raise ValueError
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        if not re.match(
            r"(sqlite|sqlite\+aiosqlite|postgresql|postgresql\+asyncpg|postgres)://", value.get_secret_value()
        ):
            raise ValueError
        try:
            make_url(value.get_secret_value())
        except ArgumentError as wrong:
            raise ValueError from wrong
        return value

    @field_validator("area")
    @classmethod
    def _area(cls, value: str) -> str:
        Areas.load(value)  # raises ValueError for a code that is in no list
        return value

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        if int(value.rpartition(":")[2]) > LAST_PORT:
            raise ValueError
        return value

    @field_validator("admins", mode="before")
    @classmethod
    def _admins(cls, value: object) -> object:
        return [part for part in value.replace(" ", "").split(",") if part] if isinstance(value, str) else value

    @field_validator("keys")
    @classmethod
    def _keys(cls, value: SecretStr) -> SecretStr:
        _parses(value.get_secret_value(), "A" * 43 + "=")
        return value

    @field_validator("index_key")
    @classmethod
    def _index_key(cls, value: SecretStr) -> SecretStr:
        _parses("1:" + "A" * 43 + "=", value.get_secret_value())
        return value

    @field_validator("hook_secret")
    @classmethod
    def _hook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[\w-]{16,256}", value.get_secret_value(), re.ASCII):
            raise ValueError
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _sentry_dsn(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"https?://\w+@[^\s@/]+(/\S+)?/\d+", value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("handover_template")
    @classmethod
    def _handover_template(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError
        return value

    @field_validator("timezone", mode="before")
    @classmethod
    def _timezone(cls, value: object) -> object:
        try:
            return ZoneInfo(value) if isinstance(value, str) else value
        except (ZoneInfoNotFoundError, OSError) as unknown:
            raise ValueError from unknown

    def vault(self) -> Vault:
        """Return the vault over the keys."""
        return Vault.parse(self.keys.get_secret_value(), self.index_key.get_secret_value())

    @property
    def bot_id(self) -> int:
        """The bot's Telegram id, which is the first part of its token."""
        return int(self.token.get_secret_value().partition(":")[0])

    @property
    def folder(self) -> Path:
        """Where the bot keeps its files on this machine."""
        url = make_url(self.database_url.get_secret_value())
        return Path(url.database or ".").parent if url.get_backend_name() == "sqlite" else Path()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def _parses(keys: str, index_key: str) -> None:
    try:
        Vault.parse(keys, index_key)
    except KeyFormatError as wrong:
        raise ValueError from wrong


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings; raises SettingsError that names every wrong or missing one at once."""
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as wrong:
        raise SettingsError(list(_sentences(wrong).values())) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            [f"{env_file} cannot be read: it should be a text file (UTF-8) that belongs to you."]
        ) from None
    if settings.hook_url and settings.hook_secret is None:
        raise SettingsError([f"{PREFIX}HOOK_SECRET is missing: {SENTENCES['hook_secret']}."])
    return settings


def overlooked(env_file: Path = Path(".env")) -> list[str]:
    """Return a sentence for each name in a file that looks like a setting and is none: a misspelt one does nothing."""
    try:
        written = DotEnvSettingsSource(Settings, env_file=env_file).env_vars
    except (OSError, UnicodeDecodeError):
        return []
    ours = [name.lower().removeprefix(PREFIX.lower()) for name in written if name.upper().startswith(PREFIX)]
    return [_nothing(name) for name in ours if name not in Settings.model_fields]


def _nothing(name: str) -> str:
    [like, *_rest] = [*get_close_matches(name, Settings.model_fields, n=1), ""]
    advice = f"is {PREFIX}{like.upper()} meant?" if like else "take it out of .env."
    return f"{PREFIX}{name.upper()} is no setting, so it does nothing: {advice}"


def complaint(name: str, value: str) -> str | None:
    """Return the sentence about what is wrong with one setting's value, by itself; None when it can be used."""
    try:
        Settings.model_validate({name: value})
    except ValidationError as wrong:
        return _sentences(wrong).get(name)
    return None


def _sentences(wrong: ValidationError) -> dict[str, str]:
    """Return a sentence for each setting that is missing or wrong, by its name."""
    return {str(error["loc"][0]): _sentence(str(error["loc"][0]), error["type"]) for error in wrong.errors()}


def _sentence(name: str, kind: str) -> str:
    fault = "is missing" if kind == "missing" else "is wrong"
    return f"{PREFIX}{name.upper()} {fault}: it should be {SENTENCES.get(name, 'left out')}."
