"""Mapped classes, one module per aggregate. Importing this package maps them all."""

from registry.models import (
    account,
    application,
    body,
    decision,
    institution,
    issuer,
    oauth,
    policy_draft,
    publication,
    records,
    review,
    two_people,
    work,
)
from registry.models.base import Base

__all__ = [
    "Base",
    "account",
    "application",
    "body",
    "decision",
    "institution",
    "issuer",
    "oauth",
    "policy_draft",
    "publication",
    "records",
    "review",
    "two_people",
    "work",
]
