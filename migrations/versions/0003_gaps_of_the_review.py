"""What the review still lacked: published texts of reports, and deliveries of notices before a hearing."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HISTORY = ("hearing_delivery", "report_text")
"""New append-only tables."""


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
    op.create_table(
        "report_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_report_text_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_report_text_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_report_text_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_text")),
        sa.UniqueConstraint(
            "decision_id", "number", "language", name=op.f("uq_report_text_decision_id_number_language")
        ),
    )
    op.create_index(op.f("ix_report_text_application_id"), "report_text", ["application_id"], unique=False)
    for statement in history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)
    op.drop_index(op.f("ix_report_text_application_id"), table_name="report_text")
    for table in ("report_text", "hearing_delivery"):
        op.drop_table(table)
