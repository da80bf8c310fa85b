"""A listed issuer: further keys that two verifiers confirm, and the hearing before a suspension."""

import base64
import html
import io
import re
import uuid
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.demo.clock import SteppingClock
from registry.demo.walk import Walk
from registry.domain.dids import did_key_from_ed25519
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.files import FileStore
from registry.models.issuer import IdentityEvent, Issuer
from registry.services import releases

from support.town import Town


def issuer_of(town: Town) -> str:
    with town.database.transaction() as session:
        return str(session.scalars(select(Issuer.id)).one())


def listed(town: Town) -> int:
    with town.database.transaction() as session:
        return len(session.scalars(select(IdentityEvent)).all())


def test_a_further_key_is_listed_once_proven_and_confirmed_by_two(town: Town) -> None:
    town.walk(until="released")
    issuer, ada = issuer_of(town), town.browser("ada")
    key = Ed25519PrivateKey.generate()
    did = did_key_from_ed25519(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    address = ada.do(f"/apply/issuers/{issuer}/keys", kind="did", text=did)
    page = f"/cases/issuers/{issuer}"
    assert f'action="/en{page}/keys/' not in town.browser("verifier1").see(page), "nothing is proven yet"
    found = re.search(r"<code>(registry-proof-of-control:[^<]+)</code>", ada.see(address))
    assert found is not None
    ada.do(address, proof=base64.b64encode(key.sign(html.unescape(found[1]).encode())).decode())
    assert did in town.browser("verifier1").see("/cases")
    before = listed(town)
    confirm = re.search(rf'action="(/en{page}/keys/[0-9a-f-]+)"', town.browser("verifier1").see(page))
    assert confirm is not None
    town.browser("verifier1").do(page, confirm[1])
    assert listed(town) == before
    town.browser("verifier2").do(page, confirm[1])
    assert listed(town) == before + 1
    assert did in ada.see(f"/apply/issuers/{issuer}/keys")


def test_only_people_of_the_body_see_its_issuers_and_only_officers_open_hearings(town: Town) -> None:
    town.walk(until="released")
    issuer = issuer_of(town)
    for name in ("stranger", "ada", "reviewer1"):
        town.browser(name).see("/cases/issuers", 403)
        town.browser(name).see(f"/cases/issuers/{issuer}", 403)
    assert "Open a hearing" not in town.browser("auditor").see(f"/cases/issuers/{issuer}")
    town.browser("auditor").see(f"/cases/issuers/{issuer}/hearing", 403)
    town.browser("stranger").see(f"/apply/issuers/{issuer}/keys", 404)


def test_a_hearing_needs_a_notice_and_there_is_one_at_a_time(town: Town) -> None:
    town.walk(until="released")
    page, officer = f"/cases/issuers/{issuer_of(town)}/hearing", town.browser("officer", "pl")
    answer = officer.send(page, measure="withdraw:serious_breach")
    assert answer.status_code == 422
    assert 'href="#notice"' in answer.text
    assert 'value="withdraw:serious_breach" selected' in answer.text
    officer.do(page, measure="withdraw:serious_breach", notice="Poważne naruszenie.")
    answer = officer.send(page, measure="suspend:issuer_request", notice="Jeszcze raz.")
    assert answer.status_code == 409
    assert "Postępowanie wobec tego wydawcy już się toczy." in answer.text


def test_every_measure_is_told_with_its_ground_in_words(town: Town) -> None:
    town.walk(until="released")
    page, officer = f"/cases/issuers/{issuer_of(town)}/hearing", town.browser("officer")
    measures = dict(re.findall(r'<option value="(\w+:\w+)"[^>]*>([^<]+)</option>', officer.see(page)))
    assert {measure.split(":")[0] for measure in measures} == {"reduce_scope", "suspend", "withdraw", "void"}
    told = "void:recognition_obtained_by_false_evidence"
    notice = f"/apply/{officer.do(page, measure=told, notice='Forged.').rsplit('/', 1)[1]}/hearing"
    town.browser("ada").do(notice, f"{notice}/open")
    seen = town.browser("ada").see(notice)
    assert html.unescape(measures[told]).split(": ", 1)[1] in html.unescape(seen)
    assert "false_evidence" not in seen


def test_a_voided_recognition_is_told_in_full_to_who_signs_and_to_the_issuer(town: Town) -> None:
    town.walk(until="released")
    issuer, cast = uuid.UUID(issuer_of(town)), town._cast()
    with town.database.transaction() as session:
        walk = Walk(session, FileStore(town.evidence), cast, SteppingClock(town.clock(), timedelta()))
        case = walk.accuse(issuer, town.people["ada"], Outcome.VOID, Reason.FALSE_EVIDENCE)
        decision = walk.decide(case)
        page = f"/cases/{case.id}/release"
    signs = town.browser("registrar1").see(page)
    assert "A free assessment elsewhere." in signs
    assert "Read the report" not in signs
    with town.database.transaction() as session:
        walk = Walk(session, FileStore(town.evidence), cast, SteppingClock(town.clock(), timedelta()))
        releases.propose(session, decision.id, actor=cast.registrars[0], at=town.clock())
    assert "It takes effect once it is final." in town.browser("registrar2").see(page)
    with town.database.transaction() as session:
        releases.release(session, decision.id, actor=cast.registrars[1], at=town.clock())
    ada, own = town.browser("ada"), f"/apply/{page.split('/')[2]}"
    assert "changes nothing before it is final" in ada.see(own)
    address = re.search(rf'href="/en({own}/letters/[^"]+)"', ada.see(own))
    assert address
    ada.do(address[1], f"{address[1]}/open")
    letter = ada.see(address[1])
    for told in ("Declare void", "Invented State Archive", "A free assessment elsewhere."):
        assert told in letter


def test_the_issuer_answers_a_hearing_once(town: Town) -> None:
    town.walk(until="released")
    address = town.browser("officer").do(
        f"/cases/issuers/{issuer_of(town)}/hearing",
        measure="withdraw:serious_breach",
        notice="A serious breach.",
    )
    page, ada = f"/apply/{address.rsplit('/', 1)[1]}/hearing", town.browser("ada")
    assert "a notice waits for your answer" in ada.see("/apply")
    assert "A serious breach." not in ada.see(page)
    ada.do(page, f"{page}/open")
    assert "A serious breach." in ada.see(page)
    empty = ada.send(page)
    assert (empty.status_code, 'href="#text"' in empty.text) == (422, True)
    form = ada.form(page)
    assert ada.send_form(form, page, {"text": "It was mended."}).status_code == 303
    assert ada.send_form(form, page, {"text": "And another thing."}).status_code == 409
    assert "It was mended." in ada.see(page)


def test_the_body_sees_whether_its_notice_was_delivered_and_files_the_proof(town: Town) -> None:
    town.walk(until="released")
    officer = town.browser("officer")
    address = officer.do(
        f"/cases/issuers/{issuer_of(town)}/hearing",
        measure="withdraw:serious_breach",
        notice="A serious breach.",
    )
    case = address.rsplit("/", 1)[1]
    page = f"/cases/{case}/hearing/delivery"
    registrar = town.browser("registrar1")
    assert "not delivered yet" in registrar.see(f"/cases/{case}")
    assert f"/en{page}" in registrar.see(f"/cases/{case}")
    empty = officer.send(page, kind="registered_post", delivered_at=f"{town.clock():%Y-%m-%dT%H:%M}")
    assert (empty.status_code, "Choose a file" in empty.text) == (422, True)
    town.clock.advance(hours=4)
    town.everybody_signs_in_again()
    told = f"{town.clock():%Y-%m-%dT%H:%M}"  # two hours ago, by the clocks of Warsaw
    proof = FileStorage(io.BytesIO(b"Signed for."), "receipt.txt")
    town.browser("registrar1").do(page, kind="registered_post", delivered_at=told, file=proof)
    seen = town.browser("registrar1", "pl").see(f"/cases/{case}")
    assert "Doręczono zawiadomienie: List polecony" in seen
    assert "Registrar1 Person" in seen
    assert town.browser("officer").client.get(f"/en{page}/proof").data == b"Signed for."
    assert "A serious breach." in town.browser("ada").see(f"/apply/{case}/hearing")
    for name, status in (("chair", 403), ("ada", 404), ("stranger", 404)):
        town.browser(name).see(page, status)
        town.browser(name).see(f"{page}/proof", status)
