"""The cases of the demo, as a table: who asks for what, with which keys, rated how, and how far the case goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason


class End(StrEnum):
    """How far a case goes."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IDENTITY_CHECK = "identity_check"
    REVIEW = "review"
    BEFORE_COMMITTEE = "before_committee"
    AWAITS_RELEASE = "awaits_release"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"


OVER = frozenset({End.RELEASED, End.WITHDRAWN, End.SUSPENDED})
"""Ends after which nobody has the move; the others are told last, so that their deadlines lie ahead."""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One row. `keys` are words that `keys.py` understands; `days` is how long after the case before it starts."""

    institution: str
    scheme: str
    end: End
    keys: tuple[str, ...]
    scope: tuple[Mapping[str, Any], ...]
    ratings: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    ground: Reason | None = None
    days: int = 6


def grant(
    fields: str, levels: str = "", modes: str = "online blended", countries: str = "PL", mark: str = "claimed"
) -> Mapping[str, Any]:
    """Return a grant in wire form from words."""
    return {
        "fields": fields.split(),
        "levels": [{"value": int(level), "mark": mark} for level in levels.split()],
        "credential_types": ["micro_credential"],
        "countries": countries.split(),
        "modes": modes.split(),
        "languages": ["pl", "en"],
    }


QUALITY, EUROPEAN = "demo-quality", "demo-european"
"""The schemes of the demo."""

CASES: tuple[DemoCase, ...] = (
    DemoCase(
        "first",
        QUALITY,
        End.RELEASED,
        ("did-one", "x509"),
        (grant("06", "5 6"), grant("0421", "7", "on_site")),
    ),
    DemoCase("craft", QUALITY, End.RELEASED, ("x509",), (grant("061 0714", "4 5"),)),
    DemoCase(
        "coast",
        QUALITY,
        End.RELEASED,
        ("x509",),
        (grant("1041", "5", "on_site work_based", "PL DE LV"),),
        {"S5": "partially_compliant", "S9": "partially_compliant"},
    ),
    DemoCase(
        "health",
        QUALITY,
        End.WITHDRAWN,
        ("x509", "did"),
        (grant("09", "5 6"),),
        ground=Reason.SERIOUS_BREACH,
    ),
    DemoCase("chamber", QUALITY, End.RELEASED, ("x509", "jwk"), (grant("07", "4", "work_based"),)),
    DemoCase(
        "fields",
        QUALITY,
        End.SUSPENDED,
        ("x509",),
        (grant("08", "5", "blended"),),
        ground=Reason.CONDITION_MISSED,
    ),
    DemoCase("coders", QUALITY, End.RELEASED, ("platform", "x509"), (grant("0613", "5"),)),
    DemoCase("archive", QUALITY, End.RELEASED, ("x509",), (grant("0322", "6"),)),
    DemoCase(
        "forest",
        QUALITY,
        End.RELEASED,
        ("x509",),
        (grant("0821", "5", "on_site"),),
        {"S6": "partially_compliant"},
    ),
    DemoCase("film", QUALITY, End.RELEASED, ("x509", "did"), (grant("0211", "5 6"),)),
    DemoCase("tourism", QUALITY, End.RELEASED, ("x509",), (grant("1015", "4 5", "work_based blended"),)),
    DemoCase(
        "language",
        QUALITY,
        End.RELEASED,
        ("did",),
        (grant("0231", "4", "online"),),
        {"S3": "non_compliant"},
    ),
    DemoCase("energy", EUROPEAN, End.RELEASED, ("x509",), (grant("0713", "4 5", "work_based blended"),)),
    DemoCase("museum", EUROPEAN, End.RELEASED, ("did",), (grant("02"),), {"P10": "absent"}),
    DemoCase("design", EUROPEAN, End.RELEASED, ("did",), (grant("0212", "5"),), {"A5": "not_met"}),
    DemoCase("logistics", QUALITY, End.AWAITS_RELEASE, ("x509",), (grant("1041", "5"),)),
    DemoCase("law", QUALITY, End.BEFORE_COMMITTEE, ("x509",), (grant("0421", "6 7", "on_site"),)),
    DemoCase("music", EUROPEAN, End.REVIEW, ("did",), (grant("0215", "6"),)),
    DemoCase("craft", EUROPEAN, End.IDENTITY_CHECK, ("did",), (grant("061", "5"),)),
    DemoCase("energy", QUALITY, End.SUBMITTED, ("did",), (grant("0713", "4"),)),
    DemoCase("music", QUALITY, End.DRAFT, (), (grant("0215", "6"),)),
)
