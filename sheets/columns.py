"""The columns a sheet may have, by the names people give them in Indonesian and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

# Field by field, what its header may be called; case, spaces and signs do not matter.
NAMES: Mapping[str, tuple[str, ...]] = {
    "nik": ("NIK", "No NIK", "Nomor NIK", "NIK KTP", "No KTP", "Nomor KTP", "Nomor Induk Kependudukan", "KTP"),
    "name": ("Nama", "Nama lengkap", "Nama sesuai KTP", "Nama peserta", "Nama pekerja", "Name", "Full name"),
    "phone": ("HP", "No HP", "Nomor HP", "Telepon", "No telepon", "Nomor telepon", "No telp", "Telp", "WA", "No WA",
              "Nomor WA", "Whatsapp", "Handphone", "Phone", "Mobile"),
    "occupation": ("Pekerjaan", "Jenis pekerjaan", "Profesi", "Usaha", "Kerja", "Occupation", "Work", "Job"),
    "village": ("Desa", "Kelurahan", "Desa kelurahan", "Kelurahan desa", "Nama desa", "Village", "Village name"),
    "address": ("Alamat", "Alamat KTP", "Alamat di KTP", "Alamat sesuai KTP", "Alamat lengkap", "Address"),
    "relation": ("Hubungan", "Relation"),
    "programme": ("Program", "Programme", "Kode program"),
    "breadwinner": ("Pencari nafkah", "Pencari nafkah utama", "Tulang punggung", "Tulang punggung keluarga", "Main earner"),
    "family_has_one": ("Keluarga sudah ada yang ikut", "Keluarga sudah terdaftar", "Sekeluarga sudah terdaftar", "One of the family has a place"),
    "number": ("Nomor pendaftaran", "No pendaftaran", "Nomor registrasi", "Registration number", "Registration"),
    "kpj": ("KPJ", "No KPJ", "Nomor KPJ", "Nomor peserta", "No peserta", "Kartu peserta", "Member number"),
    "cover_from": ("Terlindungi sejak", "Tanggal mulai", "Mulai", "Tanggal kepesertaan", "Mulai kepesertaan",
                   "Tanggal aktif", "TMT", "Cover from"),
    "paid_until": ("Dibayar sampai", "Terbayar sampai", "Berlaku sampai", "Sampai", "Paid until"),
    "status": ("Status", "Hasil", "Result"),
    "reason": ("Alasan", "Keterangan", "Catatan", "Reason", "Note"),
}  # fmt: skip

# Fields whose long numbers a spreadsheet spoils.
DIGITS = frozenset({"nik", "phone", "kpj"})


def field(header: str) -> str | None:
    """Return the field that a header names, None when it is none of ours."""
    return _fields().get(_key(header))


def fields(headers: Sequence[str]) -> dict[int, str]:
    """Return the fields by the place of their column; of two columns with one name, the first counts."""
    found: dict[int, str] = {}
    for place, header in enumerate(headers):
        name = field(header)
        if name is not None and name not in found.values():
            found[place] = name
    return found


@cache
def _fields() -> dict[str, str]:
    return {_key(name): each for each, names in NAMES.items() for name in names}


def _key(header: str) -> str:
    plain = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)", "", plain))
