"""Pages: one blueprint per audience, one stylesheet, templates in the tree's `templates/`."""

from flask import Blueprint

from registry.web import (  # noqa: F401 - their routes join those of a blueprint named elsewhere
    appeals,
    applicant_evidence,
    applicant_intake,
    applicant_judgement,
    applicant_keys,
    applicant_monitoring,
    applicant_orders,
    applicant_panel,
    applicant_policy,
    applicant_scope,
    applicant_submit,
    bulk,
    calendar,
    clients,
    dashboards,
    decisions_public,
    departures,
    experts,
    institution_changes,
    issuers,
    letters,
    listed_elsewhere,
    lists,
    meetings,
    monitoring,
    notice_delivery,
    orders,
    policy_life_acts,
    policy_public,
    procedure,
    redactions,
    reviewer_eligibility,
    reviewer_file,
    reviewer_identity,
    reviewer_intake,
    reviewer_judgement,
    reviewer_people,
    reviewer_rating,
    reviewer_report,
    unprefixed,
    verifiers,
    vocabulary_pages,
    well_known,
)
from registry.web.admin import admin
from registry.web.applicant import applicant
from registry.web.auth import auth
from registry.web.check import check
from registry.web.complaints import public_complaints
from registry.web.decision import decision
from registry.web.imports_admin import imports_admin
from registry.web.policies import policies
from registry.web.policy_life import policy_life
from registry.web.proposals import proposals
from registry.web.public import public
from registry.web.records import records
from registry.web.reviewer import reviewer

BLUEPRINTS: tuple[Blueprint, ...] = (
    public,
    check,
    public_complaints,
    policies,
    auth,
    applicant,
    reviewer,
    decision,
    admin,
    imports_admin,
    policy_life,
    proposals,
    records,
)
"""Every blueprint with pages; each is mounted below the language."""
