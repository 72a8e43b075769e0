"""What a started process says, read as it says it: a pipe that nobody reads fills up, and then the process waits for ever."""

from threading import Thread


def drained(process):
    """Begin to read, and return how to get all that was said; asked after the process has ended, it waits for the last word."""
    parts: list[str] = []

    def read():
        with process.stderr as pipe:
            parts.extend(iter(pipe.readline, ""))

    thread = Thread(target=read, name="drained", daemon=True)
    thread.start()

    def said():
        thread.join(timeout=30)
        return "".join(parts)

    return said
