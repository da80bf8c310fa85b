"""Trusted lists of others: which numbers were imported, and whom they list."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HISTORY = ("foreign_list", "foreign_listing")
"""New append-only tables."""


def upgrade() -> None:
    op.create_table(
        "foreign_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("list_type", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("territory", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_update", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=True),
        sa.Column("anchor", sa.String(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_foreign_list_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_list")),
    )
    op.create_index(op.f("ix_foreign_list_run_id"), "foreign_list", ["run_id"])
    op.create_index(op.f("ix_foreign_list_source_recorded_at"), "foreign_list", ["source", "recorded_at"])
    op.create_table(
        "foreign_listing",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_foreign_listing_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["foreign_list.id"], name=op.f("fk_foreign_listing_list_id_foreign_list")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_foreign_listing")),
    )
    op.create_index(op.f("ix_foreign_listing_institution_id"), "foreign_listing", ["institution_id"])
    op.create_index(op.f("ix_foreign_listing_list_id"), "foreign_listing", ["list_id"])
    op.create_index(
        op.f("ix_foreign_listing_source_key_number"), "foreign_listing", ["source", "key", "number"]
    )
    for statement in history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)
    op.drop_table("foreign_listing")
    op.drop_table("foreign_list")
