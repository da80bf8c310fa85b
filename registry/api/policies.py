"""Policies, open to everybody, and the self-check that needs no account: `/policies`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import Answer, fields_below, refuse_unknown
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema
from registry.domain import evaluation
from registry.domain.evaluation import SelfCheck
from registry.domain.policy import Outcome, Policy
from registry.http import known_policies
from registry.http.access import PUBLIC, allow
from registry.policy_files import LoadedPolicy
from registry.policy_files.reading import parse_strict
from registry.services.decisions import explanation_to_wire

policies = Resource("api-policies", __name__, description="Policies, and the self-check against them")


class VersionQuery(Strict):
    """Which version of a policy."""

    version = line(20, load_default=None, metadata={"description": "Default: the newest"})


class PolicySummarySchema(Strict):
    """A policy in the collection."""

    id = fields.String()
    version = fields.String()
    sha256 = fields.String(
        metadata={"description": "Of the policy file, byte for byte; kept with every case"}
    )
    status = fields.String()
    title = fields.Dict(fields.String(), fields.String())
    summary = fields.Dict(fields.String(), fields.String())
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)


class PolicyDocumentSchema(PolicySummarySchema):
    """A whole policy; `document` is its file, key by key: scales, criteria with evidence, rules, terms."""

    document = fields.Dict()


class SelfCheckRequestSchema(Strict):
    """An institution's own answers."""

    version = line(20, load_default=None, metadata={"description": "Default: the newest"})
    answers = fields.Dict(
        keys=line(60),
        values=line(60),
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "Criterion to rating of its scale"},
    )
    evidence = fields.List(
        line(60),
        load_default=list,
        validate=validate.Length(0, 1000),
        metadata={"description": "Ids of evidence at hand"},
    )


class MissingSchema(Strict):
    """Evidence that is still missing."""

    criterion = fields.String(attribute="criterion_id")
    evidence = fields.String(attribute="evidence_id")
    title = fields.Function(lambda missing: missing.title.as_dict())
    wanted = fields.Integer()
    present = fields.Integer()


class SelfCheckSchema(Strict):
    """What the policy would propose for these answers, and why. It binds nobody and is not stored."""

    policy = fields.Dict()
    outcome = fields.Enum(Outcome, by_value=True)
    label = fields.Dict(fields.String(), fields.String())
    rule = fields.String(allow_none=True)
    because = fields.Dict(fields.String(), fields.String())
    explanation = fields.List(fields.Dict())
    counts = fields.Dict(fields.String(), fields.Integer())
    total = fields.Integer()
    unanswered = fields.List(fields.String())
    unmet = fields.List(fields.String())
    partly = fields.List(fields.String())
    knock_outs = fields.List(fields.String())
    missing = fields.List(fields.Nested(MissingSchema))


PolicyPage = page_schema("PolicyPage", PolicySummarySchema)


@policies.get("/policies")
@allow(PUBLIC)
@policies.arguments(PageQuery, location="query")
@policies.response(200, PolicyPage)
def find_policies(query: dict[str, Any]) -> Answer:
    """List the newest version of every policy"""
    return cut([_summary(loaded) for loaded in known_policies.newest().values()], query)


@policies.get("/policies/<string:policy_id>")
@allow(PUBLIC)
@policies.arguments(VersionQuery, location="query")
@policies.response(200, PolicyDocumentSchema)
def show_policy(query: dict[str, Any], policy_id: str) -> Mapping[str, Any]:
    """Show one policy: scales, criteria with their evidence, rules and terms"""
    loaded = known_policies.named(policy_id, query["version"])
    return {**_summary(loaded), "document": _document(loaded.source)}


@policies.post("/policies/<string:policy_id>/self-check")
@allow(PUBLIC)
@policies.arguments(SelfCheckRequestSchema)
@policies.response(200, SelfCheckSchema)
def self_check(body: dict[str, Any], policy_id: str) -> Mapping[str, Any]:
    """Say what the policy would propose for one's own answers; nothing is stored"""
    loaded = known_policies.named(policy_id, body["version"])
    known = [item.id for _criterion, item in loaded.policy.evidence_items()]
    refuse_unknown("evidence", body["evidence"], known)
    with fields_below("answers"):
        found = evaluation.self_check(loaded.policy, body["answers"], set(body["evidence"]))
    return _to_wire(loaded, found)


@lru_cache(maxsize=64)
def _document(source: bytes) -> Any:
    """Return a policy file as plain data; it was read without problems when it was loaded."""
    document, _problems = parse_strict(source)
    return document.data if document else {}


def _summary(loaded: LoadedPolicy) -> dict[str, Any]:
    identity = loaded.policy.identity
    return {
        "id": identity.id,
        "version": identity.version,
        "sha256": loaded.sha256,
        "status": identity.status,
        "title": identity.title.as_dict(),
        "summary": identity.summary.as_dict(),
        "effective_from": identity.effective_from,
        "effective_to": identity.effective_to,
    }


def _to_wire(loaded: LoadedPolicy, found: SelfCheck) -> dict[str, Any]:
    proposed = found.recommendation
    return {
        "policy": {"id": loaded.policy.id, "version": loaded.policy.version, "sha256": loaded.sha256},
        "outcome": proposed.outcome,
        "label": _label(loaded.policy, proposed.outcome),
        "rule": proposed.rule_id,
        "because": proposed.because.as_dict(),
        "explanation": explanation_to_wire(proposed),
        "counts": {standing.value: count for standing, count in found.counts.items()},
        "total": found.total,
        "unanswered": found.unanswered,
        "unmet": found.unmet,
        "partly": found.partly,
        "knock_outs": found.knock_outs,
        "missing": found.missing,
    }


def _label(policy: Policy, outcome: Outcome) -> dict[str, str]:
    terms = policy.decision.outcome(outcome)
    return terms.label.as_dict() if terms else {}
