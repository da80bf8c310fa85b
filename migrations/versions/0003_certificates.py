"""Certificates that the registry issues: its authorities, what they were asked for, what they issued."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HISTORY = ("authority_certificate", "issued_certificate")
"""New append-only tables."""


def upgrade() -> None:
    op.create_table(
        "authority_certificate",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_authority_certificate")),
    )
    op.create_table(
        "certificate_request",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["identity_claim.id"], name=op.f("fk_certificate_request_claim_id_identity_claim")
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_certificate_request")),
    )
    op.create_table(
        "issued_certificate",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("key_claim_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["identity_claim.id"], name=op.f("fk_issued_certificate_claim_id_identity_claim")
        ),
        sa.ForeignKeyConstraint(
            ["key_claim_id"],
            ["identity_claim.id"],
            name=op.f("fk_issued_certificate_key_claim_id_identity_claim"),
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_issued_certificate")),
        sa.UniqueConstraint("key_claim_id", name=op.f("uq_issued_certificate_key_claim_id")),
    )
    for statement in history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_history_triggers(op.get_bind().dialect.name, HISTORY):
        op.execute(statement)
    for table in ("issued_certificate", "certificate_request", "authority_certificate"):
        op.drop_table(table)
