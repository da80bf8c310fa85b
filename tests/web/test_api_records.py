"""The records through the API: trail, chain, archive, retention and reports, with the same limits as the pages."""

import io
import uuid
from typing import Any

from registry.services import case_export, sessions

from support.town import Town


def api(town: Town, name: str, path: str, status: int = 200, **more: Any) -> Any:
    """Call the API as a person and return the answer."""
    with town.database.transaction() as session:
        secret, _row = sessions.create_token(session, town.people[name], name="test", at=town.clock())
    client = town.app.test_client()
    method = more.pop("method", "GET")
    answer = client.open(
        f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {secret}"}, **more
    )
    assert answer.status_code == status, answer.text
    return answer


def test_the_trail_is_read_filtered_and_checked(town: Town) -> None:
    case = town.walk(until="submitted")
    page = api(town, "auditor", f"/audit-events?application_id={case}&act=application.submit").json
    assert page["total"] == 1
    [event] = page["items"]
    assert (event["role"], event["object_id"]) == ("signatory", str(case))
    assert len(event["before"]) == len(event["after"]) == len(event["chain"]) == 64
    chain = api(town, "auditor", "/audit-events/chain").json
    assert chain["whole"]
    assert chain["holds_until"] == chain["recorded"]
    everything = api(town, "auditor", f"/applications/{case}/audit-events").json
    assert everything["total"] > 5


def test_a_case_is_taken_out_as_an_archive(town: Town) -> None:
    case = town.walk(until="submitted")
    answer = api(town, "auditor", f"/applications/{case}/archive")
    assert case_export.verify(io.BytesIO(answer.data)).members > 5


def test_others_are_kept_out(town: Town) -> None:
    case = town.walk(until="submitted")
    api(town, "officer", "/audit-events", 403)
    api(town, "officer", f"/applications/{case}/archive", 403)
    api(town, "ada", f"/applications/{case}/audit-events", 404)
    api(town, "stranger", f"/applications/{case}/archive", 404)
    api(town, "auditor", f"/bodies/{town.body_id}/deqar/reports.json", 403)


def test_the_table_of_retention_is_read(town: Town) -> None:
    [first, *_rest] = api(town, "auditor", "/retention").json["items"]
    assert first["kind"] == "login_attempt"
    assert set(first["why"]) == {"en", "pl"}


def test_reports_come_once_the_body_has_named_its_agency(town: Town) -> None:
    where = f"/bodies/{town.body_id}"
    api(town, "registrar1", f"{where}/deqar/reports.json", 409)
    body = {"agency": "INVENTED", "activity": "8"}
    api(town, "registrar1", f"{where}/deqar-profile", method="PUT", json=body)
    assert api(town, "registrar1", f"{where}/deqar/reports.json").json == []
    assert api(town, "registrar1", f"{where}/deqar/reports.csv").text.startswith("agency,local_identifier,")
    api(town, "registrar1", f"/bodies/{uuid.uuid4()}/deqar/reports.json", 403)
    api(town, "registrar1", f"{where}/deqar-profile", 422, method="PUT", json={"agency": "", "activity": "8"})
