"""Run by the environment of the client that others wrote: sends what it makes of a task, prints what it understood.

A task is an object: `url`, and either `bundle` (a file, sent as that client sends one), `prefetch` and `context` (as it would
send them if it knew the patient), or `synthetic` (how many patients of its own making).
"""

import json
import logging
import sys

from healthchain.sandbox import SandboxClient  # type: ignore[import-not-found]
from healthchain.sandbox.requestconstructors import CdsRequestConstructor  # type: ignore[import-not-found]


def main():
    logging.disable()
    task = json.load(sys.stdin)
    client = SandboxClient(url=task["url"], workflow="patient-view", timeout=60.0)
    if "bundle" in task:
        client.load_from_path(task["bundle"])
    elif "synthetic" in task:
        client.load_synthetic(n=task["synthetic"], random_seed=7)
    else:
        client.requests.append(CdsRequestConstructor().construct_request(task["prefetch"], client.workflow, task["context"]))
    json.dump({"sent": client.get_request_data(), "understood": client.send_requests()}, sys.stdout, default=str)


if __name__ == "__main__":
    main()
