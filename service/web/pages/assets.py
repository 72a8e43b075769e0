"""Files that browsers load: a list of names and no folder, each under an address that changes with its bytes."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
PACKAGES = "node_modules"
_SCRIPT, _STYLE = "text/javascript", "text/css"

# What may be loaded, and nothing else: our files, and of each package the one file that a browser needs.
FILES: Mapping[str, tuple[str, str]] = {
    "pages.css": ("static/pages.css", _STYLE),
    "operators.css": ("static/operators.css", _STYLE),
    "charts.js": ("static/charts.js", _SCRIPT),
    "console.css": ("static/console.css", _STYLE),
    "console.js": ("static/console.js", _SCRIPT),
    "d3.js": (f"{PACKAGES}/d3/dist/d3.min.js", _SCRIPT),
    "plot.js": (f"{PACKAGES}/@observablehq/plot/dist/plot.umd.min.js", _SCRIPT),
}

RULE = "/assets/<name>"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: plain and packed, under a name that holds a digest of its bytes."""

    address: str
    mimetype: str
    body: bytes
    packed: bytes


@cache
def load_assets(folder: Path = HERE) -> dict[str, Asset]:
    """Return the files by the name that templates call them.

    Raises: RequestError where a file is missing, saying how browser packages are installed.
    """
    missing = [place for place, _ in FILES.values() if not (folder / place).is_file()]
    if missing:
        raise RequestError(
            f"{len(missing)} file(s) that the pages load in a browser are missing, the first is {missing[0]}",
            where=PACKAGES,
            hint="`make setup` installs them; by hand: npm ci --ignore-scripts --omit=dev, in the folder of the pages",
        )
    found = {}
    for name, (place, mimetype) in FILES.items():
        body = (folder / place).read_bytes()
        stem, _, ending = name.rpartition(".")
        address = f"{stem}.{hashlib.sha256(body).hexdigest()[:16]}.{ending}"
        found[name] = Asset(address, mimetype, body, gzip.compress(body, 9, mtime=0))
    return found


def assets_blueprint(assets: Mapping[str, Asset]) -> Blueprint:
    """Return the route of the files; they hold nothing of patients and may be kept for a year."""
    blueprint = Blueprint("assets", __name__)
    by_address = {asset.address: asset for asset in assets.values()}

    @blueprint.get(RULE)
    def asset(name: str) -> Response:
        found = by_address.get(name) or abort(404)
        packed = request.accept_encodings["gzip"] > 0
        response = Response(found.packed if packed else found.body, mimetype=found.mimetype)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return blueprint
