"""What the tables are made of: one collection, growing ids, and partial indexes both databases understand."""

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, MetaData, Text, literal_column

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def serial() -> Column[int]:
    """Make an id that grows and is never used twice (the tables say sqlite_autoincrement)."""
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def is_in(column: Column[str], *states: str) -> ColumnElement[bool]:
    """Compare with states written out in the statement, as the partial indexes need it."""
    values: list[ColumnElement[str]] = [literal_column(f"'{state}'", Text) for state in sorted(states)]
    return column == values[0] if len(values) == 1 else column.in_(values)


def partial(name: str, *columns: Column[object], where: ColumnElement[bool], unique: bool = False) -> Index:
    """Index only the rows for which a condition holds."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
