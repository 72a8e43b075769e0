"""The command line: which commands there are, and what their failures exit with; each stands in a file of `commands`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from service.commands.answers import add_answers
from service.commands.assess import add_assess
from service.commands.codes import add_codes
from service.commands.feedback import add_feedback
from service.commands.knowledge import add_knowledge
from service.commands.replay import add_replay
from service.commands.screen import add_screen
from service.commands.serve import add_serve
from service.commands.synth import add_synth
from service.commands.trials import add_trials
from service.commands.words import ANSWERED, complain, exit_code_of
from service.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTERRUPTED = 130
_COMMANDS = (
    *(add_assess, add_serve, add_knowledge, add_codes, add_trials, add_feedback, add_answers, add_replay, add_screen, add_synth),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code.

    0 answered, 2 wrong usage, 3 knowledge faulty, 4 record unusable, 5 upstream failed, 6 store failed.
    """
    given = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        return run(given)
    except ServiceError as error:
        complain(error)
        return exit_code_of(error)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; nothing is left to be said
        return ANSWERED
    except KeyboardInterrupt:
        return _INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Return the words that the command line understands."""
    top = argparse.ArgumentParser(
        prog="all-cds", description="Approved immunotherapies for acute lymphoblastic leukaemia, with reasons."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
