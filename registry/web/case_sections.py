"""Sections of the two pages of a case: the body's and the applicant's. One line each.

A section is a name, a partial template and a function that gathers what the partial shows. The partial finds that as
`here`, beside what the page knows anyway (`application`, `policy`, `part`), and imports the macros that it uses. What is
shown to whom is the function's business: it gets the person who looks, and answers None where there is nothing to show.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.http.acting import Acting
from registry.models.application import Application
from registry.web import appeals, applicant_panel, intake_view, judgement_sections
from registry.web.records import section as record_section

Gather = Callable[[Acting, Application], Mapping[str, Any] | None]
"""Returns what a section shows to a person, or None where it is not shown."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its name, its partial below `templates/`, and what gathers for it."""

    name: str
    template: str
    gather: Gather


@dataclass(frozen=True, slots=True)
class Shown:
    """A section with what it shows now."""

    name: str
    template: str
    here: Mapping[str, Any]


SECTIONS: tuple[Section, ...] = (
    Section("judgement", "reviewer/sections/_judgement.html", judgement_sections.body_section),
    Section("intake", "reviewer/sections/_intake.html", intake_view.body_intake),
    Section("appeal", "reviewer/sections/_appeal.html", appeals.body_section),
    Section("record", "reviewer/sections/_record.html", record_section),  # last: the trail of it all
)
"""Sections of the body's page of a case, in the order of the page."""
APPLICANT_SECTIONS: tuple[Section, ...] = (
    Section("appeal", "applicant/sections/_appeal.html", appeals.applicant_section),
    Section("judgement", "applicant/sections/_judgement.html", judgement_sections.applicant_section),
    Section("finding", "applicant/sections/_finding.html", intake_view.applicant_finding),
    Section("points", "applicant/sections/_points.html", intake_view.applicant_points),
    Section("reuse", "applicant/sections/_reuse.html", intake_view.applicant_reuse),
    Section("panel", "applicant/sections/_panel.html", applicant_panel.panel_section),
)
"""Sections of the applicant's page of a case, in the order of the page."""


def shown(sections: Iterable[Section], act: Acting, application: Application) -> list[Shown]:
    """Return the sections that have something to show to the person who looks, in their order."""
    found = ((section, section.gather(act, application)) for section in sections)
    return [Shown(s.name, s.template, here) for s, here in found if here is not None]
