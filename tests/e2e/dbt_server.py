"""Runs dbt commands in one process, because starting dbt takes longer than a small project: one JSON list of arguments a line on
standard input, one JSON object with the exit state a line on standard output. Run by the python of dbt's own environment."""
import json
import os
import sys

# dbt and the programs that it starts get neither of the two.
requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)

from dbt.cli.main import dbtRunner  # noqa: E402  what it prints belongs into the log

for line in requests:
    result = dbtRunner().invoke(json.loads(line))
    said = str(result.exception) if result.exception else ""
    if not result.success and not said:
        said = "; ".join(str(r.message) for r in getattr(result.result, "results", None) or [] if r.status == "error")
    print(json.dumps({"success": bool(result.success), "said": said}), file=answers, flush=True)
