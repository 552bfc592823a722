"""Rows that try to be more than text; some are good all the same."""

from lists import nik

ROWS = [
    [nik(0), "=HYPERLINK(A)", "", "ojek", "Purwosari"],
    [nik(1), "Ani\u202eitaW", "0811-0000-0001", "tani", ""],
    [nik(2), "<b>Ani</b>", "", "jualan bakso", "Purwosari"],
    [nik(3), "Ani", "+62 811 0000 0003", "{operator}", "purwosari"],
    [nik(3), "Ani lagi", "", "ojek", ""],
    [nik(4), "Ani\x00", "", "ojek", ""],
    ["3.31902E+15", "Ani", "", "ojek", ""],
    [nik(5), "", "", "ojek", ""],
    [nik(6), "Ani", "123", "ojek", ""],
    [nik(7), "Ani", "", "ojek", "Jati Kulon"],
]
GOOD = 5
