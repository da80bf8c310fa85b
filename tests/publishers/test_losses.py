"""The loss report: every format in it, both languages, and a JSON form."""

import json

import pytest

from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT, Loss
from registry.publishers.losses import loss_report, loss_report_to_wire, polish_losses

ALL = {**PUBLISHERS, **LISTS_OF_LISTS, STATEMENT.format_id: STATEMENT}
SENTENCES = {sentence for one in ALL.values() for loss in one.LOSSES for sentence in (loss.what, loss.why)}


class Foreign:
    """A format of a third party, which brings no Polish."""

    format_id = "foreign"
    standard = "Foreign 1"
    LOSSES = (Loss("colours", "it is black and white"),)


@pytest.mark.parametrize("format_id", ALL)
def test_every_format_is_in_the_report_with_its_standard_and_all_its_losses(format_id: str) -> None:
    one = ALL[format_id]
    [found] = [line for line in loss_report() if line.format_id == format_id]
    assert found.standard == one.standard != ""
    assert [(loss.what["en"], loss.why["en"]) for loss in found.losses] == [
        (loss.what, loss.why) for loss in one.LOSSES
    ]


def test_every_sentence_has_its_polish_and_none_is_left_over() -> None:
    assert set(polish_losses()) == SENTENCES
    assert all(polish and polish != english for english, polish in polish_losses().items())


def test_a_format_that_brings_no_polish_is_told_in_english() -> None:
    [line] = loss_report([Foreign()])
    assert line.losses[0].why.as_dict() == {"en": "it is black and white", "pl": "it is black and white"}


def test_the_json_form_has_what_and_why_by_language() -> None:
    wire = json.loads(json.dumps(loss_report_to_wire(loss_report())))
    said = {line["format"]: line for line in wire["formats"]}
    assert list(said) == list(ALL)
    assert said["native_json"]["losses"] == []
    assert said["elm"]["losses"][2]["what"] == {"en": "suspended issuers", "pl": "wydawców zawieszonych"}
