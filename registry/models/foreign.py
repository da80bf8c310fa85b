"""Trusted lists of others: which of their numbers were imported, and whom they list. Observed, never standing of ours."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, new_id
from registry.models.institution import Institution


class ForeignList(Base):
    """One number of somebody else's list as it was imported; `source` names the list over all its numbers.

    `signer` and `anchor` are hex SHA-256 of certificates: who signed it, and which pinned certificate vouched for that; None
    where the signature was not verified. `judged_at` is the instant at which it was judged to hold.
    """

    __tablename__ = "foreign_list"
    history: ClassVar[bool] = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str]
    format: Mapped[str]
    address: Mapped[str] = mapped_column(Text)
    list_type: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(Text)
    scheme: Mapped[str] = mapped_column(Text)
    territory: Mapped[str]
    sequence: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[datetime]
    next_update: Mapped[datetime | None]
    sha256: Mapped[str]
    signer: Mapped[str | None]
    anchor: Mapped[str | None]
    judged_at: Mapped[datetime]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id"), index=True)
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    __table_args__ = (Index(None, "source", "recorded_at"),)


class ForeignListing(Base):
    """One recorded version of a service that somebody else's list shows; numbered in order of recording.

    The newest version of a (source, key) counts. `listed` is False from the number of the list on in which it was missing.
    """

    __tablename__ = "foreign_listing"
    history: ClassVar[bool] = True
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("foreign_list.id"), index=True)
    institution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    source: Mapped[str]
    key: Mapped[str]
    listed: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    digest: Mapped[str]
    recorded_at: Mapped[datetime]
    list: Mapped[ForeignList] = relationship()
    institution: Mapped[Institution] = relationship()
    __table_args__ = (Index(None, "source", "key", "number"),)
