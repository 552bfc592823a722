"""The first settings: asks an operator and writes `.env`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from bot.settings import PREFIX, SENTENCES, SettingsError, load
from conversations.rules.areas import Areas
from storage.vault import fresh_keys

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
# {listen_help}
SERTAKAN_LISTEN=127.0.0.1:8080
# {log_format_help}
SERTAKAN_LOG_FORMAT=console

# {api_url_help}
# SERTAKAN_API_URL=https://api.telegram.org
# {hook_url_help}
# SERTAKAN_HOOK_URL=
# {hook_secret_help}
# SERTAKAN_HOOK_SECRET=
"""


def ask(path: Path) -> None:
    """Ask for what only the operator knows and write the file; an existing one is never overwritten."""
    if path.exists():
        raise click.ClickException(f"{path} exists already. Move it away first: its keys open the stored data.")
    keys, index_key = fresh_keys()
    answers = {
        "token": click.prompt("The bot's token from @BotFather", hide_input=True),
        "operator": click.prompt("Name of the office that runs the bot (people see it)"),
        "operator_contact": click.prompt("Where people can check it: address and telephone"),
        "area": click.prompt("Code of the regency, district or village served", default="33.19", value_proc=_area()),
        "admins": click.prompt("Telegram ids of the admins, separated by commas (@userinfobot tells yours)"),
    }
    comments = {f"{name}_help": sentence[0].upper() + sentence[1:] for name, sentence in SENTENCES.items()}
    quoted = {name: f'"{value}"' if " " in value else value for name, value in answers.items()}
    text = TEMPLATE.format(**comments, **quoted, keys=keys, index_key=index_key)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    click.echo(f"Written: {path} (only you can read it).")
    try:
        load(path)
    except SettingsError as wrong:
        click.echo(f"Please put this right in {path}:\n{wrong}")
    click.echo("Next: `sertakan doctor`, then `sertakan run`.")


def _area() -> Callable[[str], str]:
    """Return a reader of area codes that says which place a code is."""

    def read(code: str) -> str:
        code = code.strip()
        areas = Areas.load(code) if code[:2].isdigit() else None
        if areas is None or not areas.known(code):
            raise click.BadParameter(f"{PREFIX}AREA is the code of a place in Indonesia, such as 33.19 for Kudus.")
        click.echo(f"  {areas.describe(code)}")
        return code

    return read
