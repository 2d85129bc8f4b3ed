"""Run a command and print its CPU time [s] and the largest memory of one of its processes [KiB] as JSON.

    python -I -S timed.py OUT ERR COMMAND...

It is a process of its own because it is small: a command counts the memory of whoever starts it as its own.
"""

import json
import os
import subprocess
import sys

with open(sys.argv[1], "w") as out, open(sys.argv[2], "w") as err:  # noqa: PTH123 - pathlib is more memory
    process = subprocess.Popen(sys.argv[3:], stdout=out, stderr=err)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
answer = {"cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss, "status": status}
print(json.dumps(answer))
