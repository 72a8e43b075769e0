"""`python -m tests.stories.write` writes fixtures/patients and fixtures/requests anew."""

from __future__ import annotations

import json
from pathlib import Path

from service.synth.bundles import bundle_of
from service.synth.values import Json
from tests.stories.catalogue import all_stories
from tests.stories.hook_requests import all_requests
from tests.stories.order_requests import order_requests

FIXTURES = Path(__file__).parents[2] / "fixtures"


def files() -> dict[Path, str]:
    """Return every generated file with its text."""
    stories = all_stories()
    made = {FIXTURES / "patients" / f"{name}.json": text_of(bundle_of(story), story.compact) for name, story in stories.items()}
    for name, request in {**all_requests(stories), **order_requests(stories)}.items():
        made[FIXTURES / "requests" / f"{name}.json"] = text_of(request, compact=False)
    return made


def text_of(content: Json, compact: bool) -> str:
    """Return JSON for reading, or on one line for size."""
    layout: Json = {"separators": (",", ":")} if compact else {"indent": 1}
    return json.dumps(content, ensure_ascii=False, **layout) + "\n"


def write() -> None:
    """Write the files and remove those no longer told."""
    made = files()
    for folder in ("patients", "requests"):
        (FIXTURES / folder).mkdir(parents=True, exist_ok=True)
        for stale in set((FIXTURES / folder).glob("*.json")) - set(made):
            stale.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
