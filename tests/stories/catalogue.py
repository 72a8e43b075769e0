"""All stories, under their names."""

from __future__ import annotations

from service.synth.story import Story
from tests.stories import adults, children, philadelphia


def all_stories() -> dict[str, Story]:
    """Return every story under its name; a name told twice is refused."""
    told = [*children.stories(), *adults.stories(), *philadelphia.stories()]
    named = {story.name: story for story in told}
    if len(named) != len(told):
        raise ValueError("two stories have one name")
    return named
