"""The whole review: detours of a case, what follows a decision, two people, clocks."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HISTORY = (
    "proposal",
    "proposal_answer",
)
"""New append-only tables."""
ALTERED = (
    "application_event",
    "rating",
    "recognition_event",
)
"""Append-only tables that this revision changes; on SQLite a change makes the table anew, without its triggers."""


def _drop_triggers(tables: tuple[str, ...]) -> None:
    for statement in drop_history_triggers(op.get_bind().dialect.name, tables):
        op.execute(statement)


def _make_triggers(tables: tuple[str, ...]) -> None:
    for statement in history_triggers(op.get_bind().dialect.name, tables):
        op.execute(statement)


# ruff: noqa: S608 - the names of columns are a constant
_HEARING = "proposed, ground, notice, opened_by, opened_at, due, answer, answered_by, answered_at"


def _hearings_get_numbers() -> None:
    """A case may have several hearings: number and motion join the key and the columns."""
    op.execute(f"CREATE TABLE hearing_before AS SELECT application_id, {_HEARING} FROM hearing")
    op.drop_table("hearing")
    _create_hearing(
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("fk_hearing_motion_id_motion")),
        key=("application_id", "number"),
    )
    op.execute(
        f"INSERT INTO hearing (application_id, number, {_HEARING}) "
        f"SELECT application_id, 1, {_HEARING} FROM hearing_before"
    )
    op.drop_table("hearing_before")


def _hearings_lose_numbers() -> None:
    op.execute(
        f"CREATE TABLE hearing_after AS SELECT application_id, {_HEARING} FROM hearing WHERE number = 1"
    )
    op.drop_table("hearing")
    _create_hearing(key=("application_id",))
    op.execute(
        f"INSERT INTO hearing (application_id, {_HEARING}) SELECT application_id, {_HEARING} FROM hearing_after"
    )
    op.drop_table("hearing_after")


def _create_hearing(*more: sa.Column[object] | sa.ForeignKeyConstraint, key: tuple[str, ...]) -> None:
    op.create_table(
        "hearing",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("proposed", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_hearing_answered_by_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_hearing_application_id_application")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_hearing_opened_by_account")),
        *more,
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_hearing")),
    )


def upgrade() -> None:
    _drop_triggers(ALTERED)
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_proposal_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_proposal_body_id_body")),
        sa.ForeignKeyConstraint(["first_by"], ["account.id"], name=op.f("fk_proposal_first_by_account")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_proposal_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_body_id_kind"), ["body_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "proposal_answer",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=False),
        sa.Column("second_by", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_proposal_answer_two_people")),
        sa.ForeignKeyConstraint(
            ["first_by"], ["account.id"], name=op.f("fk_proposal_answer_first_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_answer_proposal_id_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["second_by"], ["account.id"], name=op.f("fk_proposal_answer_second_by_account")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_answer")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("clock_side", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("prior_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_application_prior_id"), ["prior_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_application_prior_id_application"), "application", ["prior_id"], ["id"]
        )

    with op.batch_alter_table("application_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=True))

    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holiday_calendar", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("closed_days", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("time_zone", sa.String(), server_default="Europe/Warsaw", nullable=False)
        )

    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inherited_from", sa.Uuid(), nullable=True))

    with op.batch_alter_table("recognition_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposal_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("terms", sa.JSON(), nullable=True))
        batch_op.alter_column("decision_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_recognition_event_proposal_id_proposal"), "proposal", ["proposal_id"], ["id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_recognition_event_one_ground"), "(decision_id IS NULL) <> (proposal_id IS NULL)"
        )

    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_role_grant_confirmed_by_account"), "account", ["confirmed_by"], ["id"]
        )
    _hearings_get_numbers()
    _make_triggers(HISTORY + ALTERED)


def downgrade() -> None:
    _drop_triggers(HISTORY + ALTERED)
    _hearings_lose_numbers()
    op.execute("DELETE FROM recognition_event WHERE decision_id IS NULL")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_role_grant_confirmed_by_account"), type_="foreignkey")
        batch_op.drop_column("confirmed_by")

    with op.batch_alter_table("recognition_event", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_recognition_event_one_ground"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_recognition_event_proposal_id_proposal"), type_="foreignkey")
        batch_op.alter_column("decision_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("terms")
        batch_op.drop_column("proposal_id")

    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_column("inherited_from")

    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.drop_column("time_zone")
        batch_op.drop_column("closed_days")
        batch_op.drop_column("holiday_calendar")

    with op.batch_alter_table("application_event", schema=None) as batch_op:
        batch_op.drop_column("note")

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_application_prior_id_application"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_application_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_application_prior_id"))
        batch_op.drop_column("prior_id")
        batch_op.drop_column("clock_side")
        batch_op.drop_column("due_at")

    op.drop_table("proposal_answer")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_body_id_kind"))
        batch_op.drop_index(batch_op.f("ix_proposal_application_id"))

    op.drop_table("proposal")
    _make_triggers(ALTERED)
