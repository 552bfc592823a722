"""Sheets: tables in files, read without trusting them and written so that no cell does anything. Knows no Telegram."""
