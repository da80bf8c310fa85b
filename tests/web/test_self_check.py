"""The self-check of a policy: no account, nothing stored, the policy's own rules and words."""

import pytest
from flask.testing import FlaskClient

from registry import policy_files
from registry.domain.policy_vectors import vector_ratings
from registry.http import known_policies
from web.test_public_pages import app, get

__all__ = ["app"]


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


def query(answers, evidence=()):
    return "&".join(
        [*(f"{key}={value}" for key, value in answers.items()), *(f"evidence={e}" for e in evidence)]
    )


@pytest.mark.parametrize("key", policy_files.available(), ids=" ".join)
def test_the_result_is_what_the_policys_own_test_vectors_expect(client, key):
    policy = policy_files.available()[key].policy
    for vector in policy.tests:
        words = get(
            client,
            f"/en/policies/{policy.id}/self-check?{query(vector_ratings(policy, vector))}&version={policy.version}",
        ).words()
        terms = policy.decision.outcome(vector.expect)
        assert f"What the policy would propose {terms.label['en']}" in words, vector.name


def test_missing_evidence_is_named_and_goes_when_ticked(client):
    policy = next(iter(policy_files.available().values())).policy
    item = next(e for _, e in policy.evidence_items() if e.required and e.provided_by == "applicant")
    answers = {policy.criteria[0].id: policy.scale_of(policy.criteria[0]).values[0].id}
    path = f"/en/policies/{policy.id}/self-check?"
    without, having = (client.get(path + query(answers, ticked)).text for ticked in ((), (item.id,)))
    assert without.count(item.title["en"]) == having.count(item.title["en"]) + 1


def test_answers_survive_the_change_of_language(client):
    page = get(client, "/en/policies/esg-part1-microcredential-issuer/self-check?A1=met")
    switch = next(a["href"] for a in page.all("a") if a.get("hreflang") == "pl")
    assert [a["value"] for a in get(client, switch).all("input") if "checked" in a] == ["met"]


@pytest.mark.parametrize("bad", ["A1=splendid", "evidence=none"])
def test_answers_that_are_no_answers_are_refused(client, bad):
    page = get(client, f"/en/policies/esg-part1-microcredential-issuer/self-check?{bad}", status=422)
    assert "#A1" in {a["href"] for a in page.all("a")}
    assert "A1" in page.ids()


def test_nothing_is_stored_not_even_a_cookie(client):
    response = client.get("/en/policies/esg-part1-microcredential-issuer/self-check?A1=met")
    assert "Set-Cookie" not in response.headers


def test_the_newest_version_of_each_policy_is_shown(app):
    with app.app_context():
        shown = known_policies.newest()
    assert {policy_id for policy_id, _ in policy_files.available()} == set(shown)
