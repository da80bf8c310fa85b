"""The peak of memory of the present process."""

import re
from pathlib import Path


def peak() -> float:
    """Return the peak in MiB. Not getrusage: its peak would include that of the process which started this one."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
