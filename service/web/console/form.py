"""What a tester filled in; nothing of it is checked here but its size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.errors import TooLarge

if TYPE_CHECKING:
    from flask import Request

    from service.settings import Settings
    from service.web.console.examples import Examples

_ROOM = 100_000  # bytes: what a form adds to the text that it carries
NOT_KNOWN = "null"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of the console as they were sent."""

    example: str = ""
    text: str = ""
    service: str = ""  # id and hook with a bar between them; empty: as the request says
    profile: str = ""
    as_of: str = ""
    regulators: tuple[str, ...] = ()
    country: str = ""
    language: str = ""
    changes: tuple[str, ...] = field(default=())  # `fact=value`
    wants: str = ""

    @property
    def service_id(self) -> str:
        """The id of the chosen service; empty where none was chosen."""
        return self.service.partition("|")[0]

    @property
    def hook(self) -> str:
        """The chosen hook; empty where none was chosen."""
        return self.service.partition("|")[2]

    @property
    def options(self) -> dict[str, str]:
        """What the call chooses by its extension."""
        chosen = {"as-of": self.as_of, "regulators": ",".join(self.regulators)}
        return {name: value for name, value in chosen.items() if value}

    def body(self, examples: Examples) -> bytes:
        """Return what is to be sent: the text where there is one, else the example. Raises: RequestError."""
        if self.text.strip():
            return self.text.encode("utf-8", errors="surrogatepass")
        return examples.read(self.example)

    def changed(self) -> tuple[tuple[str, object], ...]:
        """Return the changes as fact and value; the word null stands for: not known."""
        pairs = (change.partition("=")[::2] for change in self.changes)
        return tuple((name.strip(), None if value.strip() == NOT_KNOWN else value.strip()) for name, value in pairs)


def read_form(request: Request, settings: Settings) -> Form:
    """Return what was filled in. Raises: TooLarge."""
    request.max_content_length = request.max_form_memory_size = settings.body_limit + _ROOM
    given = request.form
    text = _uploaded(request) or given.get("text", "").replace("\r\n", "\n")
    if text.count(",") > settings.value_limit:
        raise TooLarge("the text holds more values than the limit", hint=f"at most {settings.value_limit}")
    changes = [change for change in given.getlist("change") if "=" in change]
    if given.get("fact") and given.get("value", "").strip():
        name = given["fact"]
        changes = [change for change in changes if change.partition("=")[0] != name] + [f"{name}={given['value'].strip()}"]
    return Form(
        example=given.get("example", ""),
        text=text,
        service=given.get("service", ""),
        profile=given.get("profile", ""),
        as_of=given.get("as_of", "").strip(),
        regulators=tuple(given.getlist("regulators")),
        country=given.get("country", "").strip(),
        language=given.get("language", ""),
        changes=tuple(changes),
        wants=given.get("do", ""),
    )


def _uploaded(request: Request) -> str:
    """Return the text of the file that was chosen; empty where none was."""
    uploaded = request.files.get("file")
    if uploaded is None:
        return ""
    try:
        text: str = uploaded.read().decode("utf-8", errors="replace")
        return text
    finally:
        uploaded.close()
