"""Reminders that run by themselves: finding who is due, what each one reads, and the admin's screens for them."""
