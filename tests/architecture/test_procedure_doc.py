"""The procedure that officers read is the one that the program follows."""

from registry.domain.policy import Policy
from registry.domain.workflow import TRANSITIONS, State
from registry.web import procedure

from support.procedure_doc import DOC, drawn, newest_policies


def policies() -> list[Policy]:
    return newest_policies()


def test_the_document_is_drawn_from_the_tables() -> None:
    text = DOC.read_text()
    assert drawn(text) == text


def test_every_state_and_step_is_in_the_diagram() -> None:
    diagram = procedure.mermaid("pl")
    assert all(f" as {state.value}" in diagram for state in State)
    assert sum(1 for line in diagram.splitlines() if "-->" in line) > len(State)


def test_every_transition_has_a_row_or_is_possible_at_many_points() -> None:
    told = sum(len(row.steps) for row in procedure.rows("en", policies()))
    apart = sum(1 for t in TRANSITIONS if t.action in procedure.ANYTIME)
    assert told + apart == len(TRANSITIONS)
