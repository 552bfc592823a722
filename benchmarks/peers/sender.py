"""A process that only sends, as `sertakan send` runs it, at the pace that FASTER gives."""

from __future__ import annotations

from sertakan import pace, run

from bot.sending.post import sending

if __name__ == "__main__":
    run(lambda settings: sending(settings, pace=pace()))
