"""The yardstick: a Flask hello world under the server that `registry serve` runs. `python -m tests.bench.hello PORT`."""

import sys

from flask import Flask

from registry.cli.serve import build_server


def create_wsgi() -> Flask:
    """Return an application with one route and nothing else."""
    app = Flask("hello")
    app.add_url_rule("/", view_func=lambda: "Hello, World!")
    return app


if __name__ == "__main__":
    build_server("tests.bench.hello:create_wsgi", "127.0.0.1", int(sys.argv[1])).serve()
