"""What a measurement found, its bound, and how both are printed and kept."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Result:
    """One measured number with its bound; `detail` holds what it was computed from."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    kind: Literal["at least", "at most", "exactly"] = "at least"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether the bound holds; a number without a bound always does."""
        if self.bound is None:
            return True
        return {
            "at least": self.value >= self.bound,
            "at most": self.value <= self.bound,
            "exactly": self.value == self.bound,
        }[self.kind]

    @property
    def spread(self) -> str:
        """Return the least and the greatest ratio and the number of turns, or nothing where there was one turn."""
        ratios = self.detail.get("ratios")
        return f"spread {min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} turns" if ratios else ""


def median_ratio(name: str, ours: Sequence[float], theirs: Sequence[float], bound: float) -> Result:
    """Return the median of the ratios turn by turn, with their spread."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    detail = {
        "ratios": [round(ratio, 2) for ratio in ratios],
        "ours_per_cpu_second": [round(value) for value in ours],
        "theirs_per_cpu_second": [round(value) for value in theirs],
    }
    return Result(name, statistics.median(ratios), "x", bound, "at least", detail)


def print_table(results: Sequence[Result]) -> None:
    """Print one line per result."""
    width = max(len(result.name) for result in results)
    for result in results:
        bound = f"{result.kind} {result.bound:,.12g}" if result.bound is not None else ""
        verdict = ("ok" if result.kept else "MISSED") if bound else ""
        line = f"{result.name:<{width}}  {result.value:>12,.2f} {result.unit:<6} {bound:<16} {verdict:<6} {result.spread}"
        sys.stdout.write(line.rstrip() + "\n")


def to_json(results: Sequence[Result]) -> str:
    """Return the results with what they were measured on."""
    machine = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }
    kept = [asdict(result) | {"kept": result.kept} for result in results]
    return json.dumps({"machine": machine, "results": kept}, indent=2)
