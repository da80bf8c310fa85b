"""What people read of a proposal: what it is about, and what it says, field by field."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from registry.domain.institution_events import EventKind, Fate
from registry.domain.recognition import Reason
from registry.domain.roles import Role
from registry.domain.scope import parse_scope
from registry.domain.two_people import ProposalKind
from registry.models.account import Account
from registry.models.application import Application, EvidenceVersion
from registry.models.institution import Institution
from registry.models.issuer import IdentityClaim, Issuer
from registry.models.two_people import Proposal
from registry.services import conditions, declarations, desk, interests, monitoring, orders, two_people
from registry.services.case_file import policy_for
from registry.web.i18n import day, instant, language_name, name_of, size, text
from registry.web.labels import field_label, label

Fact = tuple[str, str | Markup]
"""A term and what is said of it."""


def subject_of(session: Session, row: Proposal) -> str:
    """Return the institution, or the case, that a proposal is about."""
    if row.application_id is not None:
        application = session.get_one(Application, row.application_id)
        return f"{application.reference}, {name_of(application.institution)}"
    if row.issuer_id is not None:
        issuer = session.get_one(Issuer, row.issuer_id)
        return f"{name_of(issuer.institution)}, {text(issuer.scheme.names)}"
    if row.kind is ProposalKind.ERASURE:
        account = session.get(Account, uuid.UUID(row.object_id))
        return f"{account.name}, {account.email}" if account is not None else row.object_id
    return _name(session, row.object_id)


def confirmers_of(session: Session, row: Proposal, at: datetime) -> str:
    """Return who may confirm a proposal: parts in the case and roles of the body, in words."""
    urgent = row.kind is ProposalKind.URGENT_SUSPENSION
    if urgent and not orders.is_officer(session, row, row.first_by, at):
        return label(Role.CASE_OFFICER).lower()  # one of the two has to be one
    return roles_that_confirm(row.kind)


def roles_that_confirm(kind: ProposalKind) -> str:
    """Return the parts and roles that confirm proposals of a kind, in words."""
    return ", ".join(sorted({label(role).lower() for role in two_people.ACTS[kind].confirmers}))


def facts_of(session: Session, row: Proposal, at: datetime) -> list[Fact]:
    """Return what a proposal says, without its reasons."""
    facts = [*_key(session, row), *_files(session, row), *_tie(session, row), *_checks(session, row)]
    facts += [*_condition(session, row, at), *_effect_on_issued(session, row, at)]
    for name, value in row.content.items():
        told = _TOLD.get(name)
        if told is not None and value:
            facts += told(session, value)
    return facts


def _key(session: Session, row: Proposal) -> Iterator[Fact]:
    if row.kind.value.startswith("key_"):
        claim = session.get_one(IdentityClaim, uuid.UUID(row.object_id))
        yield label(claim.kind), Markup('<code class="wrap-anywhere">{}</code>').format(claim.value)


def _tie(session: Session, row: Proposal) -> Iterator[Fact]:
    """Yield whose tie is to be waived, in which part, and what they declared of it, rule by rule."""
    found = declarations.to_waive(session, row)
    if found is None:
        return
    application, part, made = found
    yield gettext("Person"), f"{part.account.name}, {label(part.role).lower()}"
    yield gettext("Declaration of interests"), label(made.outcome)
    rules = {rule.id: text(rule.text) for rule in policy_for(application).conflict_rules.rules}
    for rule in interests.ties_of(application, made):
        yield f"{rule}: {rules[rule]}", made.answers[rule]["text"]


def _checks(session: Session, row: Proposal) -> Iterator[Fact]:
    """Yield the checks of eligibility that have failed, in the words of the policy."""
    if row.kind is not ProposalKind.INELIGIBLE:
        return
    policy = policy_for(session.get_one(Application, row.application_id))
    for check in policy.eligibility:
        if check.id in row.content["checks"]:
            yield gettext("Does not hold"), f"{check.id} {text(check.title)}"


def _condition(session: Session, row: Proposal, at: datetime) -> Iterator[Fact]:
    """Yield a condition that is said to be met, and what the issuer has shown for it."""
    if row.kind is not ProposalKind.CONDITION_MET:
        return
    found = conditions.condition_of(session, row.object_id, at)
    if found is None:
        return
    issuer = session.get_one(Issuer, found.condition.issuer_id)
    criterion = monitoring.terms_of(session, issuer).criterion(found.condition.criterion)
    words = found.condition.text or (text(criterion.title) if criterion else "")
    yield gettext("Condition"), f"{found.condition.criterion}: {words}"
    for one in found.evidence:
        told = escape(one.text)
        if one.sha256:
            file = {"sha256": one.sha256, "size": one.size}
            told += Markup("<br>{} {}").format(one.file_name, _download(row, file))
        yield f"{gettext('Shown by the issuer')}, {day(one.at).striptags()}", told


def _effect_on_issued(session: Session, row: Proposal, at: datetime) -> Iterator[Fact]:
    """Yield what becomes of credentials already issued, where a proposal stops a recognition at once."""
    terms = {
        ProposalKind.URGENT_SUSPENSION: "suspended",
        ProposalKind.RELINQUISHMENT: "relinquished",
        ProposalKind.KEY_COMPROMISED: "key_compromised",
    }
    if row.kind in terms and row.issuer_id is not None:
        effects = orders.sanctions_of(session, session.get_one(Issuer, row.issuer_id))
        said = getattr(effects.effect_on_issued_credentials, terms[row.kind])
        yield gettext("What becomes of credentials already issued"), text(said.text)


def _files(session: Session, row: Proposal) -> Iterator[Fact]:
    """Yield the files that wait for the second word, each to be read before it is given."""
    if row.kind is ProposalKind.REDACTION:
        version = session.get_one(EvidenceVersion, uuid.UUID(row.object_id))
        yield gettext("File"), f"{version.file_name}, {version.evidence_id}"
        yield gettext("Redacted file"), _download(row, row.content)
    elif row.kind is ProposalKind.REPORT_TEXT:
        for told in row.content["texts"]:
            name = gettext("Redacted report, %(language)s", language=language_name(told["language"]))
            yield name, _download(row, told)
        if not row.content["texts"]:
            yield gettext("The report for the public"), gettext("is taken down")


def _download(row: Proposal, told: Mapping[str, Any]) -> Markup:
    address = url_for("proposals.proposed_file", proposal_id=row.id, sha256=told["sha256"])
    link = Markup(
        '<a href="{}">{}</a> ({})<br><span class="small">SHA-256 <code class="wrap-anywhere">{}</code></span>'
    )
    return link.format(address, gettext("Read it"), size(told["size"]), told["sha256"])


def _name(session: Session, text_id: str) -> str:
    try:
        found = session.get(Institution, uuid.UUID(text_id))
    except ValueError:
        return text_id
    return name_of(found) if found is not None else text_id


def _effects(session: Session, effects: list[Mapping[str, Any]]) -> list[Fact]:
    return [(_scheme(session, effect), _effect(session, effect)) for effect in effects]


def _scheme(session: Session, effect: Mapping[str, Any]) -> str:
    return text(session.get_one(Issuer, uuid.UUID(effect["issuer"])).scheme.names)


def _effect(session: Session, effect: Mapping[str, Any]) -> str:
    words = [label(Fate(effect["fate"]))]
    if effect.get("to"):
        words.append(_name(session, effect["to"]))
    if effect.get("scope"):
        grants = parse_scope(effect["scope"]).grants
        words.append(", ".join(sorted({f"{code} {field_label(code)}" for g in grants for code in g.fields})))
    return ": ".join(words)


def _terms(_session: Session, terms: Mapping[str, Any]) -> list[Fact]:
    names = {
        "teach_out_until": gettext("Those enrolled are taught until"),
        "records_kept_by": gettext("Records of learners are kept by"),
        "status_service_kept_by": gettext("The status service of credentials is kept by"),
    }
    rows: list[Fact] = [(name, str(terms[key])) for key, name in names.items() if terms.get(key)]
    if terms.get("remedy"):
        rows.append((gettext("Remedy for learners"), text(terms["remedy"])))
    return rows


def _texts(_session: Session, value: Mapping[str, str]) -> list[Fact]:
    return [
        (gettext("Text, %(language)s", language=language_name(code)), said) for code, said in value.items()
    ]


def _names(_session: Session, value: Mapping[str, str]) -> list[Fact]:
    return [
        (gettext("Name, %(language)s", language=language_name(code)), said) for code, said in value.items()
    ]


_TOLD: Mapping[str, Callable[[Session, Any], list[Fact]]] = {
    "ground": lambda _s, value: [(gettext("Ground"), label(Reason(value)))],
    "from": lambda _s, value: [(gettext("From"), instant(value))],
    "kind": lambda _s, value: [(gettext("What happened"), label(EventKind(value)))],
    "occurred_on": lambda _s, value: [(gettext("When it happened"), day(date.fromisoformat(value)))],
    "evidence": lambda _s, value: [(gettext("What shows it"), value)],
    "successors": lambda s, value: [
        (gettext("Who comes after it"), ", ".join(_name(s, one) for one in value))
    ],
    "legal_name": lambda _s, value: [(gettext("Legal name"), value)],
    "names": _names,
    "text": _texts,
    "people": lambda s, value: [
        (
            gettext("Who decides again"),
            ", ".join(desk.names_of(s, [uuid.UUID(one) for one in value]).values()),
        )
    ],
    "terms": _terms,
    "effects": _effects,
}
