"""Forks a fetch on request, so that a hundred of them need not import everything a hundred times.

Reads lines ``FOLDER URL`` from stdin; for each it forks a child that fetches, prints the child's pid, waits for its end
and prints the exit status.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    import chaintrace as ct

    assert ct.Budget
    assert ct.Case
    assert ct.Rpc
    import chaintrace.case.fetching
    import chaintrace.taint.trace

    for line in sys.stdin:
        folder, url = line.split()
        pid = os.fork()
        if not pid:
            ct.Case.open(folder).fetch([ct.Rpc(url)], budget=ct.Budget(share="0.8"))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
