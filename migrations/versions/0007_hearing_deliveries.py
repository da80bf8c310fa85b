"""Deliveries of hearing notices: the same record that letters have."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HISTORY = ("hearing_delivery",)
"""The new append-only table."""


def upgrade() -> None:
    op.create_table(
        "hearing_delivery",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof_name", sa.String(), nullable=True),
        sa.Column("proof_sha256", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id", "number"],
            ["hearing.application_id", "hearing.number"],
            name=op.f("fk_hearing_delivery_application_id_number_hearing"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_hearing_delivery_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_hearing_delivery")),
    )
    for statement in history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)
    op.drop_table("hearing_delivery")
