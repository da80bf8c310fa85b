"""The JSON-LD dump: every member means something, nothing that the native list says is lost, nothing else is loaded."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pyld import jsonld
from rdflib import Namespace, URIRef

from registry.domain.recognition import Effect, Reason, Status
from registry.domain.terms import Terms
from registry.domain.trust_list import (
    Entry,
    ListedCondition,
    ListedNote,
    NoteKind,
    Text,
    entry_to_wire,
)
from registry.publishers import PUBLISHERS, build
from registry.publishers.base import Document
from registry.publishers.formats.jsonld import build_context

from support.linked_data import TermDropped, expand, graph
from vectors.sample import (
    DAY,
    DOMAIN,
    EC_JWK,
    GRANTED_AT,
    ISSUED_AT,
    PLATFORM,
    SCHEME,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    x509,
)

REG = Namespace(f"{SCHEME.base_url}/vocabulary#")
SCHEMA = Namespace("https://schema.org/")
FOLDER = f"{SCHEME.base_url}/lists/{SCHEME.slug}/1"


def full() -> Entry:
    """An entry that has every member there is."""
    both = Text.of(en="Publish fees.", pl="Opublikować opłaty.")
    terms = Terms(
        teach_out_until=date(2027, 6, 30),
        records_kept_by="the archive",
        status_service_kept_by="the archive",
        remedy=(("en", "Fees are paid back."), ("pl", "Opłaty są zwracane.")),
        successors=("00000000-0000-4000-8000-000000000002",),
        predecessors=("00000000-0000-4000-8000-000000000003",),
    )
    stopped = event(
        2,
        Status.SUSPENDED,
        Reason.FRAUD_SUSPECTED,
        GRANTED_AT + DAY,
        effect=Effect.NOT_FROM_INSTANT,
        effect_from=GRANTED_AT,
        terms=terms,
    )
    lifted = event(3, Status.ACTIVE, Reason.CORRECTION, GRANTED_AT + DAY, supersedes=2)
    listed = entry(
        1,
        [grant(1), stopped, lifted],
        [did(1), x509(1, compromised_from=ISSUED_AT), EC_JWK, DOMAIN, PLATFORM],
        [ListedCondition(both, ISSUED_AT + DAY)],
    )
    note = ListedNote(NoteKind.WARNING, both, GRANTED_AT, ISSUED_AT + DAY, "misleading_use")
    return replace(listed, notes=(note,))


def document(entries: Sequence[Entry]) -> Document:
    return build(PUBLISHERS["jsonld"], sample_list(entries), header(), None)


def contexts(made: Document) -> dict[str, bytes]:
    """The only context that a reader can load: the one beside the list."""
    [beside] = made.companions
    return {f"{FOLDER}/7/{beside.file_name}": beside.body}


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number of a document."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield str(value)


@pytest.mark.parametrize("entries", [sample_entries(), (full(),), ()], ids=["sample", "full", "empty"])
def test_no_term_drops_out_and_no_context_is_loaded_but_the_one_beside_the_list(
    entries: Sequence[Entry],
) -> None:
    made = document(entries)
    assert json.loads(made.body)["@context"] == f"{FOLDER}/7/context.jsonld"
    [expanded] = expand(made.body, contexts(made))
    assert len(expanded.get(str(REG.entry), [])) == len(entries)


def test_a_member_without_a_meaning_would_be_noticed() -> None:
    made = document([full()])
    with pytest.raises(TermDropped):
        expand(made.body.replace(b'"slug"', b'"slugg"'), contexts(made))


def test_everything_that_the_native_list_says_of_an_issuer_is_in_the_graph() -> None:
    for listed in (*sample_entries(), full()):
        made = document([listed])
        said = set(leaves(expand(made.body, contexts(made))))
        words = {word for text in said for word in (text, text.rpartition("/")[2], text.replace("-", "_"))}
        words |= {text.rpartition("/")[2].replace("-", "_") for text in said}
        assert set(leaves(entry_to_wire(listed, ISSUED_AT))) <= words


def test_compacting_the_expanded_form_gives_the_document_back() -> None:
    made = document([full()])
    expanded = expand(made.body, contexts(made))
    back = jsonld.compact(expanded, json.loads(made.companions[0].body), {"processingMode": "json-ld-1.1"})
    assert sorted(leaves(back["entries"])) == sorted(leaves(json.loads(made.body)["entries"]))


def test_every_term_of_the_context_is_used_and_ours_are_of_our_vocabulary() -> None:
    context = build_context(SCHEME.base_url)
    text = document([*sample_entries(), full()]).body.decode()
    terms = {name for name, value in context.items() if isinstance(value, dict)}
    assert {term for term in terms if f'"{term}":' not in text} == set()
    assert context["reg"] == str(REG)


def test_the_graph_answers_who_is_recognized() -> None:
    made = document(sample_entries())
    found = graph(made.body, contexts(made))
    active = {URIRef(SCHEME.status_uri(s)) for s in Status if s.is_recognized}
    entries = set(found.objects(URIRef(f"{FOLDER}/list.jsonld"), REG.entry))
    recognized = {str(node) for node in entries if found.value(node, REG.status) in active}
    assert recognized == {
        f"{SCHEME.base_url}/issuers/{listed.id}"
        for listed in sample_entries()
        if listed.status(ISSUED_AT).is_recognized
    }
    assert {str(node) for node in found.subjects(SCHEMA.legalName)} >= recognized
