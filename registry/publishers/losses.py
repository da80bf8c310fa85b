"""The loss report: what each format cannot say, and why, in the languages of the registry.

Modules of formats say it in English. The Polish of each sentence stands in `translations/pl/losses.po` under the
context `loss`; a format of a third party that brings none is told in English in both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from babel.messages.pofile import read_po

from registry.domain.trust_list import Text
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT
from registry.publishers.base import Loss

CONTEXT: Final = "loss"
_CATALOGUE: Final = Path(__file__).resolve().parents[1] / "translations" / "pl" / "losses.po"


class Format(Protocol):
    """What the report needs to know of a format, whatever it makes of the list."""

    format_id: str
    standard: str
    LOSSES: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class SaidLoss:
    """One loss in all languages."""

    what: Text
    why: Text


@dataclass(frozen=True, slots=True)
class FormatLosses:
    """What one format cannot say; none at all for a format that says everything."""

    format_id: str
    standard: str
    losses: tuple[SaidLoss, ...]


def loss_report(formats: Iterable[Format] | None = None) -> tuple[FormatLosses, ...]:
    """Return the report over `formats`: by default all list formats, lists of lists, and the statement."""
    all_formats: tuple[Format, ...] = (*PUBLISHERS.values(), *LISTS_OF_LISTS.values(), STATEMENT)
    chosen = all_formats if formats is None else formats
    return tuple(
        FormatLosses(
            one.format_id,
            one.standard,
            tuple(SaidLoss(_said(loss.what), _said(loss.why)) for loss in one.LOSSES),
        )
        for one in chosen
    )


def loss_report_to_wire(report: Iterable[FormatLosses]) -> dict[str, object]:
    """Return the JSON-ready form: `what` and `why` by language."""
    return {
        "formats": [
            {
                "format": one.format_id,
                "standard": one.standard,
                "losses": [{"what": loss.what.as_dict(), "why": loss.why.as_dict()} for loss in one.losses],
            }
            for one in report
        ]
    }


def _said(sentence: str) -> Text:
    return Text.of(en=sentence, pl=polish_losses().get(sentence, sentence))


@cache
def polish_losses() -> Mapping[str, str]:
    """Return English sentence to Polish sentence."""
    with _CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="pl") if message.context == CONTEXT]
    return {str(message.id): str(message.string) for message in messages}
