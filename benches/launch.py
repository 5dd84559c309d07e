"""Runs a command and writes what it cost as JSON to a file descriptor: `launch.py DESCRIPTOR COMMAND…`.

A process of its own since the kernel never counts a child's peak memory as less than that of the process it was
started from, and whoever reads a report of a million files is large.
"""

import json
import os
import re
import sys
import time


def main() -> None:
    into, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(into, False)
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        least = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
    begun = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begun
    cost = {"wall": wall, "user": usage.ru_utime, "system": usage.ru_stime, "peak": usage.ru_maxrss * 1024,
            "least": least * 1024, "status": os.waitstatus_to_exitcode(status)}
    os.write(into, json.dumps(cost).encode())


main()
