"""The first settings: asks an operator and writes `.env`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from bot.settings import SENTENCES, complaint
from conversations.rules.areas import Areas
from storage.vault import fresh_keys

PLAIN = re.compile(r"[\w.,:@/+=-]+")

TEMPLATE = """\
# Settings of Sertakan Bot. Readable by you only; keep a copy where nobody else comes.

# {token_help}
SERTAKAN_TOKEN={token}

# {operator_help}
SERTAKAN_OPERATOR={operator}
# {operator_contact_help}
SERTAKAN_OPERATOR_CONTACT={operator_contact}
# {area_help}
SERTAKAN_AREA={area}
# {admins_help}
SERTAKAN_ADMINS={admins}

# The keys of the stored data: without them nobody can read it, you neither.
# Several KEYS may be listed; the first encrypts, all decrypt.
SERTAKAN_KEYS={keys}
# The key of the search indexes for NIK and phone.
SERTAKAN_INDEX_KEY={index_key}

# {database_url_help}
SERTAKAN_DATABASE_URL=sqlite:///var/sertakan.db
# {timezone_help}
SERTAKAN_TIMEZONE=Asia/Jakarta
# {handover_template_help}
# SERTAKAN_HANDOVER_TEMPLATE=
# {escalate_after_days_help}
SERTAKAN_ESCALATE_AFTER_DAYS=3
# {messages_a_week_help}
SERTAKAN_MESSAGES_A_WEEK=2
# {broadcast_alone_help}
SERTAKAN_BROADCAST_ALONE=500
# {erase_after_days_help}
SERTAKAN_ERASE_AFTER_DAYS=180
# {listen_help}
SERTAKAN_LISTEN=127.0.0.1:8080
# {backup_dir_help}
SERTAKAN_BACKUP_DIR=var/backups
# {backup_at_help}
SERTAKAN_BACKUP_AT=02:00
# {backup_keep_help}
SERTAKAN_BACKUP_KEEP=14
# {log_format_help}
SERTAKAN_LOG_FORMAT=console
# {log_level_help}
SERTAKAN_LOG_LEVEL=info
# {sentry_dsn_help}
# SERTAKAN_SENTRY_DSN=
# {otel_endpoint_help}
# SERTAKAN_OTEL_ENDPOINT=

# {api_url_help}
# SERTAKAN_API_URL=https://api.telegram.org
# {hook_url_help}
# SERTAKAN_HOOK_URL=
# {hook_secret_help}
# SERTAKAN_HOOK_SECRET=
"""


QUESTIONS = {
    "token": "The bot's token from @BotFather (it is not shown)",
    "operator": "Name of the office that runs the bot (people see it)",
    "operator_contact": "Where people can check it: address and telephone",
    "area": "Code of the regency, district or village served",
    "admins": "Telegram ids of the admins, separated by commas (@userinfobot tells yours)",
}


def ask(path: Path) -> None:
    """Ask for what only the operator knows and write the file; an existing one is never overwritten."""
    if path.exists():
        raise click.ClickException(f"{path} exists already. Move it away first: its keys open the stored data.")
    answers = {name: _answer(name, question) for name, question in QUESTIONS.items()}
    keys, index_key = fresh_keys()
    comments = {f"{name}_help": sentence[0].upper() + sentence[1:] for name, sentence in SENTENCES.items()}
    quoted = {name: _quoted(value) for name, value in answers.items()}
    text = TEMPLATE.format(**comments, **quoted, keys=keys, index_key=index_key)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(f"Written: {path} (only you can read it).\nNext: `sertakan doctor`, then `sertakan run`.")


def _answer(name: str, question: str) -> str:
    """Ask until the answer can be used, and show which place an area code is."""
    answer: str = click.prompt(
        question,
        default="33.19" if name == "area" else None,
        hide_input=name == "token" and sys.stdin.isatty(),
        value_proc=lambda text: _checked(name, text.strip()),
    )
    if name == "area":
        click.echo(f"  {Areas.load(answer).describe(answer)}")
    return answer


def _checked(name: str, text: str) -> str:
    if "${" in text or not text.isprintable():
        raise click.BadParameter("Please write it in one line, and without ${.")
    if (wrong := complaint(name, text)) is not None:
        raise click.BadParameter(wrong)
    return text


def _quoted(value: str) -> str:
    """Return the value as .env files want it: in single quotes when it is more than a word."""
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
