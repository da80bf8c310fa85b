"""The application factory: wires settings, database, edition store, pages and API together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from registry import api, web
from registry.config import Settings
from registry.database import Database
from registry.editions import EditionReaders
from registry.http.access import PUBLIC, allow, init_access
from registry.http.headers import init_headers
from registry.http.kept_pages import init_kept_pages
from registry.http.origin import init_origin
from registry.http.problems import init_problems
from registry.http.secret_key import load_secret_key
from registry.http.sessions import ServerSessions
from registry.http.transaction import utc_now
from registry.resources import data_dir
from registry.services import installation
from registry.web.i18n import PREFIX
from registry.web.pages import STATIC, init_pages
from registry.web.root import root

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

csrf = CSRFProtect()


def create_app(
    settings: Settings, *, clock: Callable[[], datetime] | None = None, database: Database | None = None
) -> Flask:
    """Return the application. `clock` gives aware instants; without `database`, that of `settings` is
    opened.

    Nothing is read from the database here, so that the application starts while it is down.
    """
    app = Flask(
        "registry",
        root_path=str(Path(__file__).parent),
        static_folder=str(STATIC),
        static_url_path="/static",
        template_folder=str(data_dir("templates")),
    )
    furnish(app, settings, clock=clock, database=database)
    app.session_interface = ServerSessions()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    init_headers(app)
    init_pages(app)
    init_access(app)
    init_origin(app)
    csrf.init_app(app)
    _mount(app)
    init_problems(app)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def furnish(
    app: Flask, settings: Settings, *, clock: Callable[[], datetime] | None, database: Database | None
) -> None:
    """Give an application the registry that it works on.

    Making one takes half a second, mostly for the routes and the document of the API; so tests make one and give it
    one registry after the other.
    """
    app.config.from_mapping(_config(settings), CLOCK=clock or utc_now)
    app.extensions["registry.settings"] = settings
    app.extensions["registry.database"] = database or Database(settings.sqlalchemy_url)
    app.extensions["registry.editions"] = EditionReaders(settings.editions)
    init_kept_pages(app)


def _config(settings: Settings) -> dict[str, Any]:
    there = installation.find(settings)
    return {
        "DEMO": there is not None and there.demo,
        "SECRET_KEY": load_secret_key(settings.data),
        "TRUSTED_HOSTS": list(settings.hosts),
        "MAX_CONTENT_LENGTH": settings.upload_limit + 2**20,
        "MAX_FORM_MEMORY_SIZE": 2**20,
        # The prefix makes browsers refuse a cookie of this name that another host or a plain connection sets.
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure else "session",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.secure,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # a form lives as long as its session
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "PREFERRED_URL_SCHEME": "https" if settings.secure else "http",
    }


def _mount(app: Flask) -> None:
    """Mount the entrance, the pages of every audience below their language, then the API."""
    app.register_blueprint(root)
    for blueprint in web.BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
    for blueprint in api.register(app):
        csrf.exempt(blueprint)
    static = app.view_functions["static"]
    app.view_functions["static"] = allow(PUBLIC)(static)


def create_wsgi() -> "WSGIApplication":
    """Return what a WSGI server runs: the edition store in front, the application behind it."""
    from registry.editions.wsgi import EditionMiddleware

    settings = installation.settings_in_use()
    app = create_app(settings)
    database: Database = app.extensions["registry.database"]
    return EditionMiddleware(app.wsgi_app, settings.editions, database.is_up)
