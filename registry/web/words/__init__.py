"""Words of each area of the review: sentences that services speak, and labels of what has a name in code.

An area exports `POLISH` (pattern of an English sentence -> Polish), `LABELS` (enumeration -> member -> both languages) and
`SPEAKERS` (the modules whose sentences a test wants translated).
"""

from types import ModuleType

from registry.web.words import (
    access,
    cases,
    certificates,
    complaints,
    decision,
    intake,
    judgement,
    monitoring,
    people,
    policy_life,
    records,
    standing,
    work,
)

AREAS: tuple[ModuleType, ...] = (
    access,
    cases,
    certificates,
    complaints,
    decision,
    intake,
    judgement,
    monitoring,
    people,
    policy_life,
    records,
    standing,
    work,
)
"""Every area; `sentences` and `labels` take in what they export."""
