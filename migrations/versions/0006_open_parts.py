"""Open parts of a person by role: what the inbox starts from, however many parts somebody has played."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD, NEW = "ix_assignment_account_id", "ix_assignment_account_id_ended_at_role"


def upgrade() -> None:
    op.create_index(NEW, "assignment", ["account_id", "ended_at", "role"])
    op.drop_index(OLD, "assignment")


def downgrade() -> None:
    op.create_index(OLD, "assignment", ["account_id"])
    op.drop_index(NEW, "assignment")
