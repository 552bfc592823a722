"""What must not be lost: tables, functions per subject, encryption and migrations.

Knows neither Telegram nor conversations. Every function takes a `Transaction` of `storage.database` first and the
time, where it matters, as an aware UTC `now`: nothing in here reads a clock.
"""
