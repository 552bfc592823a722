"""Handing over to BPJS: the file that goes there, the two people it takes, and what comes back."""
