"""Pages: one blueprint per audience, one stylesheet, templates in the tree's `templates/`."""

from flask import Blueprint

from registry.web import unprefixed  # noqa: F401 - its routes join those of `root`
from registry.web.auth import auth
from registry.web.check import check
from registry.web.policies import policies
from registry.web.public import public

BLUEPRINTS: tuple[Blueprint, ...] = (public, check, policies, auth)
"""Every blueprint with pages; each is mounted below the language."""
