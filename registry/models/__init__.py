"""Mapped classes, one module per aggregate. Importing this package maps them all."""

from registry.models.base import Base

__all__ = ["Base"]
