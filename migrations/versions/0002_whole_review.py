"""The whole review: detours of a case, what follows a decision, two people, clocks."""

import sqlalchemy as sa
from alembic import op

from registry.migrate import drop_history_triggers, history_triggers
from registry.separation import drop_separation_triggers, separation_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HISTORY = (
    "appeal",
    "appeal_motion",
    "appeal_result",
    "applicant_statement",
    "audit_place",
    "complaint_event",
    "completeness_mark",
    "completeness_point",
    "condition_evidence",
    "conflict_waiver",
    "delivery",
    "eligibility_answer",
    "evidence_redaction",
    "evidence_statement",
    "factual_answer",
    "factual_point",
    "institution_event",
    "institution_relation",
    "issuer_report",
    "issuer_warning",
    "letter",
    "letter_file",
    "meeting_attendance",
    "meeting_motion",
    "meeting_recusal",
    "minutes",
    "objection",
    "objection_answer",
    "panel_accepted",
    "policy_adoption",
    "policy_draft_person",
    "policy_draft_version",
    "policy_transition",
    "precedent",
    "proposal",
    "proposal_answer",
    "question",
    "question_answer",
    "question_fate",
    "recognition_condition",
    "reopening",
    "report_piece",
    "reuse_answer",
    "urgent_order",
    "visit_plan",
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


def _make_separation() -> None:
    for statement in separation_triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _drop_separation() -> None:
    for statement in drop_separation_triggers(op.get_bind().dialect.name):
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
        "file_erasure",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_erasure")),
    )
    op.create_table(
        "sweep",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep")),
    )
    op.create_table(
        "api_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(body_id is null) <> (institution_id is null)", name=op.f("ck_api_client_one_place")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_client_account_id_account")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_api_client_body_id_body")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_api_client_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["account.id"], name=op.f("fk_api_client_registered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["account.id"], name=op.f("fk_api_client_revoked_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("account_id", name=op.f("uq_api_client_account_id")),
    )
    with op.batch_alter_table("api_client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_client_body_id"), ["body_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_client_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "calendar_feed",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_feed_account_id_account")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_calendar_feed")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_account_id"), ["account_id"], unique=False)

    op.create_table(
        "deqar_profile",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_deqar_profile_body_id_body")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_deqar_profile")),
    )
    op.create_table(
        "expert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("employer_name", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_expert_account_id_account")),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_expert_added_by_account")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_expert_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("body_id", "account_id", name=op.f("uq_expert_body_id_account_id")),
        sa.UniqueConstraint("body_id", "email", name=op.f("uq_expert_body_id_email")),
    )
    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_expert_body_id"), ["body_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("chair_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_meeting_body_id_body")),
        sa.ForeignKeyConstraint(["chair_id"], ["account.id"], name=op.f("fk_meeting_chair_id_account")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_meeting_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_body_id"), ["body_id"], unique=False)

    op.create_table(
        "saved_text",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_text_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_saved_text")),
    )
    with op.batch_alter_table("saved_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_text_at"), ["at"], unique=False)

    op.create_table(
        "api_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_api_secret_client_id_api_client")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["account.id"], name=op.f("fk_api_secret_issued_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_secret")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_secret_hash")),
    )
    with op.batch_alter_table("api_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_secret_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_secret_issued_by"), ["issued_by"], unique=False)

    op.create_table(
        "expert_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["expert.id"], name=op.f("fk_expert_invitation_expert_id_expert")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_expert_invitation_made_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_expert_invitation_token_hash")),
    )
    with op.batch_alter_table("expert_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_invitation_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "expert_period",
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.CheckConstraint("starts <= ends", name=op.f("ck_expert_period_in_order")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_period_expert_id_expert")),
        sa.PrimaryKeyConstraint("expert_id", "starts", name=op.f("pk_expert_period")),
    )
    op.create_table(
        "expert_tie",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_expert_tie_ended_by_account")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_tie_expert_id_expert")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_expert_tie_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["noted_by"], ["account.id"], name=op.f("fk_expert_tie_noted_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_tie")),
    )
    with op.batch_alter_table("expert_tie", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_tie_expert_id"), ["expert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_expert_tie_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "meeting_attendance",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_meeting_attendance_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_attendance_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["account.id"], name=op.f("fk_meeting_attendance_noted_by_account")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "account_id", name=op.f("pk_meeting_attendance")),
    )
    op.create_table(
        "minutes",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_minutes_by_account")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("sha256", name=op.f("uq_minutes_sha256")),
    )
    op.create_table(
        "oauth_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_oauth_token_client_id_api_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_oauth_token_hash")),
    )
    with op.batch_alter_table("oauth_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_token_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oauth_token_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "policy_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("editor", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["adopted_policy.id"], name=op.f("fk_policy_draft_base_id_adopted_policy")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_policy_draft_body_id_body")),
        sa.ForeignKeyConstraint(["editor"], ["account.id"], name=op.f("fk_policy_draft_editor_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft")),
    )
    with op.batch_alter_table("policy_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_draft_body_id_state"), ["body_id", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_policy_draft_policy_id_policy_version"),
            ["policy_id", "policy_version"],
            unique=False,
        )

    op.create_table(
        "policy_transition",
        sa.Column("adopted_id", sa.Uuid(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("reassessments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adopted_id"], ["adopted_policy.id"], name=op.f("fk_policy_transition_adopted_id_adopted_policy")
        ),
        sa.PrimaryKeyConstraint("adopted_id", name=op.f("pk_policy_transition")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_complaint_body_id_body")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_complaint_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["adopted_policy.id"], name=op.f("fk_complaint_policy_id_adopted_policy")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_complaint_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("reference", name=op.f("uq_complaint_reference")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_complaint_secret_hash")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_complaint_body_id_closed_at_due_at"),
            ["body_id", "closed_at", "due_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_complaint_body_id_received_at"), ["body_id", "received_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_complaint_issuer_id_received_at"), ["issuer_id", "received_at"], unique=False
        )

    op.create_table(
        "consultation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text_number", sa.Integer(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("publishes_comments", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_consultation_closed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_consultation_draft_id_policy_draft")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["account.id"], name=op.f("fk_consultation_opened_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_consultation_draft_id_number")),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_draft_id"), ["draft_id"], unique=False)

    op.create_table(
        "issuer_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name=op.f("fk_issuer_report_given_by_account")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_report_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_report")),
        sa.UniqueConstraint(
            "issuer_id", "year", "number", name=op.f("uq_issuer_report_issuer_id_year_number")
        ),
    )
    op.create_table(
        "policy_draft_person",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_policy_draft_person_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_draft_person_draft_id_policy_draft")
        ),
        sa.PrimaryKeyConstraint("draft_id", "account_id", name=op.f("pk_policy_draft_person")),
        sa.UniqueConstraint(
            "draft_id", "account_id", "part", name=op.f("uq_policy_draft_person_draft_id_account_id_part")
        ),
    )
    op.create_table(
        "policy_reassessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("adopted_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["adopted_id"],
            ["adopted_policy.id"],
            name=op.f("fk_policy_reassessment_adopted_id_adopted_policy"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_policy_reassessment_body_id_body")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_policy_reassessment_closed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["issuer.id"], name=op.f("fk_policy_reassessment_issuer_id_issuer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_reassessment")),
        sa.UniqueConstraint(
            "issuer_id", "adopted_id", name=op.f("uq_policy_reassessment_issuer_id_adopted_id")
        ),
    )
    with op.batch_alter_table("policy_reassessment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_policy_reassessment_body_id_due_on"), ["body_id", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_policy_reassessment_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "seen_document",
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_seen_document_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("issuer_id", "did", name=op.f("pk_seen_document")),
    )
    op.create_table(
        "applicant_statement",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_applicant_statement_application_id_application"),
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_applicant_statement_by_account")),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_applicant_statement")),
    )
    op.create_table(
        "audit_place",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_audit_place_application_id_application")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_audit_place_body_id_body")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_audit_place_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_place")),
    )
    with op.batch_alter_table("audit_place", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_place_application_id_number"), ["application_id", "number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_place_body_id_number"), ["body_id", "number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_place_object_type_object_id_number"),
            ["object_type", "object_id", "number"],
            unique=False,
        )

    op.create_table(
        "complaint_contact",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_contact_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint_contact")),
    )
    op.create_table(
        "complaint_event",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["account.id"], name=op.f("fk_complaint_event_actor_account")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_event_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "number", name=op.f("pk_complaint_event")),
    )
    with op.batch_alter_table("complaint_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_event_actor"), ["actor"], unique=False)

    op.create_table(
        "completeness_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.String(), nullable=True),
        sa.Column("evidence_id", sa.String(), nullable=True),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_completeness_point_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["author"], ["account.id"], name=op.f("fk_completeness_point_author_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completeness_point")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_completeness_point_application_id_number")
        ),
    )
    with op.batch_alter_table("completeness_point", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_completeness_point_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "consultation_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("of_body", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author"], ["account.id"], name=op.f("fk_consultation_comment_author_account")
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_comment_consultation_id_consultation"),
        ),
        sa.ForeignKeyConstraint(
            ["judged_by"], ["account.id"], name=op.f("fk_consultation_comment_judged_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_comment")),
    )
    with op.batch_alter_table("consultation_comment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consultation_comment_consultation_id"), ["consultation_id"], unique=False
        )

    op.create_table(
        "eligibility_answer",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_eligibility_answer_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["author"], ["account.id"], name=op.f("fk_eligibility_answer_author_account")
        ),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_eligibility_answer")),
    )
    op.create_table(
        "external_decision",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_external_decision_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_external_decision_created_by_account")
        ),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_external_decision")),
    )
    op.create_table(
        "factual_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("cited", sa.JSON(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_factual_point_application_id_application")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_factual_point_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factual_point")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_factual_point_application_id_number")),
    )
    with op.batch_alter_table("factual_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factual_point_application_id"), ["application_id"], unique=False)

    op.create_table(
        "meeting_item",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_meeting_item_added_by_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_meeting_item_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_item_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "application_id", name=op.f("pk_meeting_item")),
    )
    with op.batch_alter_table("meeting_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_item_application_id"), ["application_id"], unique=False)

    op.create_table(
        "meeting_recusal",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_meeting_recusal_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_meeting_recusal_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_recusal_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("application_id", "account_id", name=op.f("pk_meeting_recusal")),
    )
    with op.batch_alter_table("meeting_recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_recusal_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_objection_account_id_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_objection_application_id_application")
        ),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name=op.f("fk_objection_filed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint(
            "application_id", "round", "account_id", name=op.f("uq_objection_application_id_round_account_id")
        ),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_application_id"), ["application_id"], unique=False)

    op.create_table(
        "panel_accepted",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_panel_accepted_application_id_application")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_panel_accepted_by_account")),
        sa.PrimaryKeyConstraint("application_id", "round", name=op.f("pk_panel_accepted")),
    )
    op.create_table(
        "policy_adoption",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("adopted_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part = 'approver'", name=op.f("ck_policy_adoption_adopted_by_approver")),
        sa.ForeignKeyConstraint(
            ["adopted_id"], ["adopted_policy.id"], name=op.f("fk_policy_adoption_adopted_id_adopted_policy")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id", "approved_by", "part"],
            ["policy_draft_person.draft_id", "policy_draft_person.account_id", "policy_draft_person.part"],
            name="fk_policy_adoption_approver",
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_adoption_draft_id_policy_draft")
        ),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_policy_adoption")),
    )
    op.create_table(
        "policy_draft_version",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part = 'editor'", name=op.f("ck_policy_draft_version_saved_by_editor")),
        sa.ForeignKeyConstraint(
            ["draft_id", "saved_by", "part"],
            ["policy_draft_person.draft_id", "policy_draft_person.account_id", "policy_draft_person.part"],
            name="fk_policy_draft_version_editor",
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_draft_version_draft_id_policy_draft")
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_policy_draft_version")),
    )
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
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_question_application_id_application")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_question_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_question_application_id_number")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_application_id"), ["application_id"], unique=False)

    op.create_table(
        "recognition_condition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_recognition_condition_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["issuer.id"], name=op.f("fk_recognition_condition_issuer_id_issuer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_condition")),
    )
    with op.batch_alter_table("recognition_condition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recognition_condition_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_recognition_condition_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_recognition_condition_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_reminder_application_id_application")
        ),
        sa.PrimaryKeyConstraint("application_id", "due_at", "kind", name=op.f("pk_reminder")),
    )
    op.create_table(
        "reopening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_reopening_application_id_application")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_reopening_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
    )
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reopening_application_id"), ["application_id"], unique=False)

    op.create_table(
        "report_piece",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("strengths", sa.Text(), nullable=False),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_report_piece_application_id_application")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_report_piece_by_account")),
        sa.PrimaryKeyConstraint("application_id", "criterion", "number", name=op.f("pk_report_piece")),
    )
    op.create_table(
        "visit_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(text IS NULL) = (erased_at IS NOT NULL)", name=op.f("ck_visit_note_erased_or_kept")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_visit_note_application_id_application")
        ),
        sa.ForeignKeyConstraint(["author"], ["account.id"], name=op.f("fk_visit_note_author_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_note")),
    )
    with op.batch_alter_table("visit_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_note_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_note_keep_until"), ["keep_until"], unique=False)

    op.create_table(
        "visit_plan",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_visit_plan_application_id_application")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_visit_plan_by_account")),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_visit_plan")),
    )
    op.create_table(
        "completeness_mark",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author"], ["account.id"], name=op.f("fk_completeness_mark_author_account")),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["completeness_point.id"],
            name=op.f("fk_completeness_mark_point_id_completeness_point"),
        ),
        sa.PrimaryKeyConstraint("point_id", "number", name=op.f("pk_completeness_mark")),
    )
    op.create_table(
        "condition_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("condition_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["condition_id"],
            ["recognition_condition.id"],
            name=op.f("fk_condition_evidence_condition_id_recognition_condition"),
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["account.id"], name=op.f("fk_condition_evidence_given_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_evidence")),
    )
    with op.batch_alter_table("condition_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_condition_evidence_condition_id"), ["condition_id"], unique=False
        )

    op.create_table(
        "conflict_waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=False),
        sa.Column("second_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "first_by <> second_by and first_by <> account_id and second_by <> account_id",
            name=op.f("ck_conflict_waiver_two_other_people"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conflict_waiver_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_conflict_waiver_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declaration.id"], name=op.f("fk_conflict_waiver_declaration_id_declaration")
        ),
        sa.ForeignKeyConstraint(
            ["first_by"], ["account.id"], name=op.f("fk_conflict_waiver_first_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_waiver_proposal_id_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["second_by"], ["account.id"], name=op.f("fk_conflict_waiver_second_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_waiver")),
    )
    with op.batch_alter_table("conflict_waiver", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_waiver_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conflict_waiver_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "evidence_redaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("original_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_evidence_redaction_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_evidence_redaction_proposal_id_proposal")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["evidence_version.id"],
            name=op.f("fk_evidence_redaction_version_id_evidence_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_redaction")),
    )
    with op.batch_alter_table("evidence_redaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_redaction_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_evidence_redaction_original_sha256"), ["original_sha256"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_evidence_redaction_version_id"), ["version_id"], unique=False)

    op.create_table(
        "evidence_statement",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_evidence_statement_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["evidence_version.id"],
            name=op.f("fk_evidence_statement_version_id_evidence_version"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_evidence_statement")),
    )
    with op.batch_alter_table("evidence_statement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_statement_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "factual_answer",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_factual_answer_by_account")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["factual_point.id"], name=op.f("fk_factual_answer_point_id_factual_point")
        ),
        sa.PrimaryKeyConstraint("point_id", name=op.f("pk_factual_answer")),
    )
    op.create_table(
        "institution_event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_institution_event_body_id_body")),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_institution_event_institution_id_institution"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_institution_event_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_institution_event")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_institution_event_proposal_id")),
    )
    with op.batch_alter_table("institution_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_institution_event_institution_id"), ["institution_id"], unique=False
        )

    op.create_table(
        "issuer_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_warning_issuer_id_issuer")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_issuer_warning_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_warning")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_issuer_warning_proposal_id")),
    )
    with op.batch_alter_table("issuer_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issuer_warning_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "meeting_motion",
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_motion_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["motion_id"], ["motion.id"], name=op.f("fk_meeting_motion_motion_id_motion")
        ),
        sa.PrimaryKeyConstraint("motion_id", name=op.f("pk_meeting_motion")),
    )
    with op.batch_alter_table("meeting_motion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_motion_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "monitoring_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("condition_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_monitoring_item_body_id_body")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_monitoring_item_closed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["condition_id"],
            ["recognition_condition.id"],
            name=op.f("fk_monitoring_item_condition_id_recognition_condition"),
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["issuer.id"], name=op.f("fk_monitoring_item_issuer_id_issuer")
        ),
        sa.ForeignKeyConstraint(["owner"], ["account.id"], name=op.f("fk_monitoring_item_owner_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_item")),
        sa.UniqueConstraint("issuer_id", "kind", "key", name=op.f("uq_monitoring_item_issuer_id_kind_key")),
    )
    with op.batch_alter_table("monitoring_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_item_body_id_closed_at_due_at"),
            ["body_id", "closed_at", "due_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_monitoring_item_condition_id"), ["condition_id"], unique=False)

    op.create_table(
        "objection_answer",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_objection_answer_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objection_answer_objection_id_objection")
        ),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objection_answer")),
    )
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
    op.create_table(
        "question_answer",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cited", sa.JSON(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_question_answer_by_account")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_answer_question_id_question")
        ),
        sa.PrimaryKeyConstraint("question_id", "number", name=op.f("pk_question_answer")),
    )
    op.create_table(
        "question_fate",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_question_fate_by_account")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_fate_question_id_question")
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_fate")),
    )
    op.create_table(
        "reuse_answer",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id", "decision"],
            ["external_decision.application_id", "external_decision.number"],
            name=op.f("fk_reuse_answer_application_id_decision_external_decision"),
        ),
        sa.ForeignKeyConstraint(["author"], ["account.id"], name=op.f("fk_reuse_answer_author_account")),
        sa.PrimaryKeyConstraint("application_id", "sequence", name=op.f("pk_reuse_answer")),
    )
    with op.batch_alter_table("reuse_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reuse_answer_application_id_decision"),
            ["application_id", "decision"],
            unique=False,
        )

    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_appeal_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_appeal_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name=op.f("fk_appeal_filed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_application_id"), ["application_id"], unique=False)

    op.create_table(
        "institution_relation",
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_number"],
            ["institution_event.number"],
            name=op.f("fk_institution_relation_event_number_institution_event"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["institution.id"], name=op.f("fk_institution_relation_from_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["institution.id"], name=op.f("fk_institution_relation_to_id_institution")
        ),
        sa.PrimaryKeyConstraint("from_id", "to_id", "kind", name=op.f("pk_institution_relation")),
    )
    with op.batch_alter_table("institution_relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_institution_relation_to_id"), ["to_id"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_letter_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_letter_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_letter_application_id_number")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_letter_decision_id")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_application_id"), ["application_id"], unique=False)

    op.create_table(
        "precedent",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("rating", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("condition", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("deviates", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_precedent_body_id_body")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_precedent_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_precedent_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("decision_id", "criterion", name=op.f("pk_precedent")),
    )
    with op.batch_alter_table("precedent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_precedent_body_id_policy_id_criterion_at"),
            ["body_id", "policy_id", "criterion", "at"],
            unique=False,
        )

    op.create_table(
        "appeal_motion",
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("admissible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_motion_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("fk_appeal_motion_motion_id_motion")),
        sa.PrimaryKeyConstraint("motion_id", name=op.f("pk_appeal_motion")),
    )
    with op.batch_alter_table("appeal_motion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_motion_appeal_id"), ["appeal_id"], unique=False)

    op.create_table(
        "appeal_result",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_result_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_appeal_result_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("fk_appeal_result_motion_id_motion")),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["decision.id"], name=op.f("fk_appeal_result_replacement_id_decision")
        ),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeal_result")),
        sa.UniqueConstraint("motion_id", name=op.f("uq_appeal_result_motion_id")),
        sa.UniqueConstraint("replacement_id", name=op.f("uq_appeal_result_replacement_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof_name", sa.String(), nullable=True),
        sa.Column("proof_sha256", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_delivery_letter_id_letter")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_delivery_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_delivery")),
    )
    op.create_table(
        "letter_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name=op.f("fk_letter_file_filed_by_account")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_file_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_file")),
    )
    with op.batch_alter_table("letter_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_file_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "urgent_order",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(length=60), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_urgent_order_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["event_number"],
            ["recognition_event.number"],
            name=op.f("fk_urgent_order_event_number_recognition_event"),
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_urgent_order_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_urgent_order_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_urgent_order")),
        sa.UniqueConstraint("application_id", name=op.f("uq_urgent_order_application_id")),
        sa.UniqueConstraint("event_number", name=op.f("uq_urgent_order_event_number")),
    )
    with op.batch_alter_table("urgent_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_urgent_order_confirm_by"), ["confirm_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_urgent_order_issuer_id"), ["issuer_id"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("program", sa.Boolean(), server_default=sa.false(), nullable=False))

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

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("also_seat", sa.String(length=40), nullable=True))

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
    _make_separation()


def downgrade() -> None:
    _drop_separation()
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

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_column("also_seat")

    with op.batch_alter_table("application_event", schema=None) as batch_op:
        batch_op.drop_column("note")

    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_application_prior_id_application"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_application_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_application_prior_id"))
        batch_op.drop_column("prior_id")
        batch_op.drop_column("clock_side")
        batch_op.drop_column("due_at")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("program")

    with op.batch_alter_table("urgent_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_urgent_order_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_urgent_order_confirm_by"))

    op.drop_table("urgent_order")
    with op.batch_alter_table("letter_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_file_letter_id"))

    op.drop_table("letter_file")
    op.drop_table("delivery")
    op.drop_table("appeal_result")
    with op.batch_alter_table("appeal_motion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_motion_appeal_id"))

    op.drop_table("appeal_motion")
    with op.batch_alter_table("precedent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_precedent_body_id_policy_id_criterion_at"))

    op.drop_table("precedent")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_application_id"))

    op.drop_table("letter")
    with op.batch_alter_table("institution_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_institution_relation_to_id"))

    op.drop_table("institution_relation")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_application_id"))

    op.drop_table("appeal")
    with op.batch_alter_table("reuse_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reuse_answer_application_id_decision"))

    op.drop_table("reuse_answer")
    op.drop_table("question_fate")
    op.drop_table("question_answer")
    op.drop_table("proposal_answer")
    op.drop_table("objection_answer")
    with op.batch_alter_table("monitoring_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_item_condition_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_item_body_id_closed_at_due_at"))

    op.drop_table("monitoring_item")
    with op.batch_alter_table("meeting_motion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_motion_meeting_id"))

    op.drop_table("meeting_motion")
    with op.batch_alter_table("issuer_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issuer_warning_issuer_id"))

    op.drop_table("issuer_warning")
    with op.batch_alter_table("institution_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_institution_event_institution_id"))

    op.drop_table("institution_event")
    op.drop_table("factual_answer")
    with op.batch_alter_table("evidence_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_statement_application_id"))

    op.drop_table("evidence_statement")
    with op.batch_alter_table("evidence_redaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_redaction_version_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_redaction_original_sha256"))
        batch_op.drop_index(batch_op.f("ix_evidence_redaction_application_id"))

    op.drop_table("evidence_redaction")
    with op.batch_alter_table("conflict_waiver", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_waiver_application_id"))
        batch_op.drop_index(batch_op.f("ix_conflict_waiver_account_id"))

    op.drop_table("conflict_waiver")
    with op.batch_alter_table("condition_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_condition_evidence_condition_id"))

    op.drop_table("condition_evidence")
    op.drop_table("completeness_mark")
    op.drop_table("visit_plan")
    with op.batch_alter_table("visit_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_note_keep_until"))
        batch_op.drop_index(batch_op.f("ix_visit_note_application_id"))

    op.drop_table("visit_note")
    op.drop_table("report_piece")
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reopening_application_id"))

    op.drop_table("reopening")
    op.drop_table("reminder")
    with op.batch_alter_table("recognition_condition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recognition_condition_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_recognition_condition_due"))
        batch_op.drop_index(batch_op.f("ix_recognition_condition_application_id"))

    op.drop_table("recognition_condition")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_application_id"))

    op.drop_table("question")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_body_id_kind"))
        batch_op.drop_index(batch_op.f("ix_proposal_application_id"))

    op.drop_table("proposal")
    op.drop_table("policy_draft_version")
    op.drop_table("policy_adoption")
    op.drop_table("panel_accepted")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_application_id"))

    op.drop_table("objection")
    with op.batch_alter_table("meeting_recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_recusal_meeting_id"))

    op.drop_table("meeting_recusal")
    with op.batch_alter_table("meeting_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_item_application_id"))

    op.drop_table("meeting_item")
    with op.batch_alter_table("factual_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factual_point_application_id"))

    op.drop_table("factual_point")
    op.drop_table("external_decision")
    op.drop_table("eligibility_answer")
    with op.batch_alter_table("consultation_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_comment_consultation_id"))

    op.drop_table("consultation_comment")
    with op.batch_alter_table("completeness_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_completeness_point_application_id"))

    op.drop_table("completeness_point")
    with op.batch_alter_table("complaint_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_event_actor"))

    op.drop_table("complaint_event")
    op.drop_table("complaint_contact")
    with op.batch_alter_table("audit_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_place_object_type_object_id_number"))
        batch_op.drop_index(batch_op.f("ix_audit_place_body_id_number"))
        batch_op.drop_index(batch_op.f("ix_audit_place_application_id_number"))

    op.drop_table("audit_place")
    op.drop_table("applicant_statement")
    op.drop_table("seen_document")
    with op.batch_alter_table("policy_reassessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_reassessment_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_policy_reassessment_body_id_due_on"))

    op.drop_table("policy_reassessment")
    op.drop_table("policy_draft_person")
    op.drop_table("issuer_report")
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_draft_id"))

    op.drop_table("consultation")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_issuer_id_received_at"))
        batch_op.drop_index(batch_op.f("ix_complaint_body_id_received_at"))
        batch_op.drop_index(batch_op.f("ix_complaint_body_id_closed_at_due_at"))

    op.drop_table("complaint")
    op.drop_table("policy_transition")
    with op.batch_alter_table("policy_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_draft_policy_id_policy_version"))
        batch_op.drop_index(batch_op.f("ix_policy_draft_body_id_state"))

    op.drop_table("policy_draft")
    with op.batch_alter_table("oauth_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_token_expires_at"))
        batch_op.drop_index(batch_op.f("ix_oauth_token_client_id"))

    op.drop_table("oauth_token")
    op.drop_table("minutes")
    op.drop_table("meeting_attendance")
    with op.batch_alter_table("expert_tie", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_tie_institution_id"))
        batch_op.drop_index(batch_op.f("ix_expert_tie_expert_id"))

    op.drop_table("expert_tie")
    op.drop_table("expert_period")
    with op.batch_alter_table("expert_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_invitation_expert_id"))

    op.drop_table("expert_invitation")
    with op.batch_alter_table("api_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_secret_issued_by"))
        batch_op.drop_index(batch_op.f("ix_api_secret_client_id"))

    op.drop_table("api_secret")
    with op.batch_alter_table("saved_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_text_at"))

    op.drop_table("saved_text")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_body_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_body_id"))
        batch_op.drop_index(batch_op.f("ix_expert_account_id"))

    op.drop_table("expert")
    op.drop_table("deqar_profile")
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feed_account_id"))

    op.drop_table("calendar_feed")
    with op.batch_alter_table("api_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_client_institution_id"))
        batch_op.drop_index(batch_op.f("ix_api_client_body_id"))

    op.drop_table("api_client")
    op.drop_table("sweep")
    op.drop_table("file_erasure")
    _make_triggers(ALTERED)
