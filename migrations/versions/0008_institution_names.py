"""What institutions are called by language, so that pages show the name in the reader's."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from babel.languages import get_official_languages

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RANK = ("decided", "self", "ror", "csv", "eche")
"""Sources of names, the first that an institution has counts."""
INSTITUTION = sa.table("institution", sa.column("id", sa.Uuid()), sa.column("names", sa.JSON()))
RECORD = sa.table(
    "institution_record",
    sa.column("number", sa.Integer()),
    sa.column("institution_id", sa.Uuid()),
    sa.column("source", sa.String()),
    sa.column("facts", sa.JSON()),
)


def upgrade() -> None:
    op.add_column("institution", sa.Column("names", sa.JSON(), nullable=False, server_default="{}"))
    rows = [{"its_id": one, "its_names": names} for one, names in _named(op.get_bind())]
    if rows:
        put = sa.update(INSTITUTION).where(INSTITUTION.c.id == sa.bindparam("its_id"))
        op.get_bind().execute(put.values(names=sa.bindparam("its_names", type_=sa.JSON())), rows)


def downgrade() -> None:
    op.drop_column("institution", "names")


def _named(connection: sa.Connection) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield every institution with the names that its best source gives it now."""
    query = sa.select(RECORD).order_by(RECORD.c.institution_id, RECORD.c.number)
    for institution, records in groupby(connection.execute(query), key=lambda row: row.institution_id):
        newest = {row.source: row.facts for row in records}
        ranked = sorted(newest, key=lambda s: (RANK.index(s) if s in RANK else len(RANK), s))
        facts = {**newest[ranked[-1]]}
        for source in reversed(ranked):
            facts |= {name: newest[source][name] for name in ("names", "country") if name in newest[source]}
        yield institution, _by_language(facts)


def _by_language(facts: Mapping[str, Any]) -> dict[str, str]:
    official = get_official_languages(facts.get("country", ""))
    found: dict[str, str] = {}
    for kind in ("display", "legal"):
        for name in facts.get("names", ()):
            language = name["language"] or (official[0] if len(official) == 1 else None)
            if name["kind"] == kind and language:
                found.setdefault(language, str(name["text"]))
    order = dict.fromkeys([*official, "en", *sorted(found)])
    return {language: found[language] for language in order if language in found}
