"""Texts of reports that the public reads."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HISTORY = ("report_text",)
"""The new append-only table."""


def upgrade() -> None:
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
    op.drop_table("report_text")
