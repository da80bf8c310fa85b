"""Pages about the published lists: every one of them, each format, and what a format cannot say.

They read the current edition alone, never the write database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.editions import Head
from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.http.transaction import now, settings
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT, ListOfLists, Publisher
from registry.publishers.formats.statement import Statement
from registry.publishers.losses import FormatLosses, loss_report, loss_report_to_wire
from registry.publishers.traits import REGISTRY
from registry.web.formats import FAMILIES, Family, format_text
from registry.web.i18n import text
from registry.web.list_checks import Envelope, check_commands, envelope, pin_command
from registry.web.public import public
from registry.web.published import reader, schemes_by_slug
from registry.web.root import root

SHOWN_AT_ONCE: Final = 3
"""With more schemes than that, a page shows the lists of one."""
EVERY_FORMAT: Final[Mapping[str, Publisher | ListOfLists | Statement]] = {
    **PUBLISHERS,
    **LISTS_OF_LISTS,
    STATEMENT.format_id: STATEMENT,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """All shards of one format in one scheme, in their order."""

    format_id: str
    heads: tuple[Head, ...]

    @property
    def first(self) -> Head:
        """The first shard, which stands for the others in examples."""
        return self.heads[0]

    @property
    def issued_at(self) -> datetime:
        """When the one signed longest ago was."""
        return min(head.issued_at for head in self.heads)

    @property
    def next_update(self) -> datetime:
        """When the first of them will be replaced at the latest."""
        return min(head.next_update for head in self.heads)

    @property
    def size(self) -> int:
        """Size of all of them in bytes."""
        return sum(head.size for head in self.heads)

    @property
    def is_signed(self) -> bool:
        """Whether the documents carry a signature."""
        return envelope(self.first.media_type) is not Envelope.NONE


@public.get("/lists")
@allow(PUBLIC)
def lists() -> ResponseReturnValue:
    """Show every published list: what for, how fresh, how to verify. `scheme` narrows to one scheme.

    Raises:
        NotFound: no such scheme.
    """
    schemes = schemes_by_slug()
    chosen = request.args.get("scheme", "")
    if chosen and chosen not in {*schemes, REGISTRY}:
        raise NotFound(gettext("There is no such scheme."))
    shown = [chosen] if chosen else list(schemes) if len(schemes) <= SHOWN_AT_ONCE else []
    heads = list(reader().heads())
    return render_template(
        "public/lists.html",
        schemes=schemes,
        chosen=chosen,
        sections=[(slug, by_family(head for head in heads if head.scheme == slug)) for slug in shown],
        registry_wide=[] if chosen else by_family(head for head in heads if head.scheme == REGISTRY),
        counts={slug: sum(head.scheme == slug for head in heads) for slug in schemes},
        families=FAMILIES,
        format_text=format_text,
        commands=commands,
        beside=beside(),
        pin=lambda slug: pin_command(settings().base_url, slug),
        base_url=settings().base_url,
        at=now(),
    )


def by_family(heads: Iterable[Head]) -> list[tuple[Family, list[Listed]]]:
    """Return the lists of one scheme by family and format."""
    found = sorted(heads, key=lambda head: (*_place(head.format_id), int(head.shard)))
    listed = [Listed(key, tuple(group)) for key, group in groupby(found, lambda head: head.format_id)]
    grouped = groupby(listed, lambda one: format_text(one.format_id).family)
    return [(family, list(group)) for family, group in grouped]


def beside() -> Mapping[tuple[str, str, str], list[Head]]:
    """Return the files beside documents, such as the `.sha2` of an XML list, by scheme, format and shard."""
    found: dict[tuple[str, str, str], list[Head]] = {}
    for one in reader().companions():
        key = one.scheme, one.format_id.partition(".")[0], one.shard
        found.setdefault(key, []).append(one)
    return found


def _place(format_id: str) -> tuple[int, int, str]:
    about = format_text(format_id)
    return list(Family).index(about.family), about.order, format_id


def commands(head: Head) -> Any:
    """Return the commands that check one document."""
    base = settings().base_url
    return check_commands(base + head.path, base + head.permanent_path, head.media_type, head.scheme)


@public.get("/lists/formats/<format_id>")
@allow(PUBLIC)
def list_format(format_id: str) -> ResponseReturnValue:
    """Tell what one format is for, where its documents stand, how they are checked and what they cannot say.

    Raises:
        NotFound: this registry publishes no such format.
    """
    made = EVERY_FORMAT.get(format_id)
    if made is None:
        raise NotFound(gettext("There is no such format."))
    heads = sorted(
        (head for head in reader().heads() if head.format_id == format_id),
        key=lambda head: (head.scheme, int(head.shard)),
    )
    return render_template(
        "public/list_format.html",
        format_id=format_id,
        made=made,
        about=format_text(format_id),
        report=next(iter(loss_report([made]))),
        loss_rows=loss_rows,
        heads=heads,
        schemes=schemes_by_slug(),
        example=example_commands(format_id, heads),
        base_url=settings().base_url,
    )


def example_commands(format_id: str, heads: Iterable[Head]) -> Any:
    """Return the commands that check a document of a format: a published one, or an address to fill in."""
    for head in heads:
        return commands(head)
    base, made = settings().base_url, EVERY_FORMAT[format_id]
    if format_id == STATEMENT.format_id:
        url = f"{base}/issuers/ISSUER/statement.jws"
        return check_commands(url, url, made.media_type, "SCHEME")
    scheme = REGISTRY if format_id in LISTS_OF_LISTS else "SCHEME"
    folder = f"{base}/lists/{scheme}/1"
    return check_commands(
        f"{folder}/{made.file_name}", f"{folder}/SEQUENCE/{made.file_name}", made.media_type, scheme
    )


@public.get("/lists/losses")
@allow(PUBLIC)
def losses() -> ResponseReturnValue:
    """Show what each format cannot say, and why."""
    return render_template(
        "public/losses.html", report=ordered(loss_report()), format_text=format_text, loss_rows=loss_rows
    )


@root.get("/lists/losses.json")
@allow(PUBLIC)
def losses_json() -> ResponseReturnValue:
    """Return the same as JSON, in all languages."""
    answer = jsonify(loss_report_to_wire(ordered(loss_report())))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def loss_rows(report: FormatLosses) -> list[tuple[str, str]]:
    """Return what a format cannot say, and why, in the language of the page."""
    return [(text(loss.what), text(loss.why)) for loss in report.losses]


def ordered(report: Iterable[FormatLosses]) -> list[FormatLosses]:
    """Return the report in the order of the page of lists."""
    return sorted(report, key=lambda one: _place(one.format_id))
