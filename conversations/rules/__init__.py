"""The facts and rules of the subject: NIK, phone numbers, prices, benefits, areas and occupations.

Every fact lies in a file under `data/` with its source and the day it was last checked, so that a new price or a
corrected wording of the law is a row, not code. Nothing here asks for the time: the day is always handed in.
"""
