"""What the service is compared with: a Flask application that answers the same bytes whatever it is sent.

It runs under our own worker, with as many threads and processes, so that only what is done with a body differs. `/constant`
reads the body; `/decoding` also decodes it with `orjson.loads` and looks at nothing. The collector is as Python sets it, or as
the service sets it (`--collector-as-ours`), which makes decoding into dictionaries cheaper.
"""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

import orjson
from flask import Flask, Response, request

from service.settings import Settings
from service.web import serve
from tests.bench.caller import HOST

CONSTANT, DECODING = "/constant", "/decoding"
_LIMIT = 50_000_000


def application(answer: bytes) -> Flask:
    """Return the application that answers these bytes."""
    app = Flask(__name__)

    @app.post(CONSTANT)
    def constant() -> Response:
        request.get_data(cache=False)
        return Response(answer, mimetype="application/json")

    @app.post(DECODING)
    def decoding() -> Response:
        orjson.loads(request.get_data(cache=False))
        return Response(answer, mimetype="application/json")

    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--answer", type=Path, required=True, help="the bytes of the answer")
    parser.add_argument("--collector-as-ours", action="store_true")
    given = parser.parse_args()
    app = application(given.answer.read_bytes())

    def prepare(_worker: object = None) -> None:
        if given.collector_as_ours:  # the same as at the end of service/web/warm_up.py
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)

    options = {**serve._options(HOST, given.port, given.workers), "post_worker_init": prepare}
    serve._Gunicorn(app, options, Settings(body_limit=_LIMIT)).run()


if __name__ == "__main__":
    main()
