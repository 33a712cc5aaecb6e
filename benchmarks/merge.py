"""One report from the shards of an exam that were scored side by side, on parts of the pictures.

    python benchmarks/merge.py SHARD.json [SHARD.json ...] --pictures NAME --out FILE.json

NAME is the last name of the folder that holds all the pictures; the other settings are those of the
first shard, and must be those of the others.
"""

import argparse
import json
from pathlib import Path

from unveil.errors import UsageError
from unveil.lab.evaluation.evaluate import CleanRow
from unveil.lab.evaluation.report import as_json, rows_of, write_json
from unveil.lab.evaluation.tally import Tally


def merged(reports: list[dict], pictures: str) -> dict:
    """The report of all rows. Raises UsageError for shards of different exams."""
    settings = [report["settings"] | {"pictures": pictures} for report in reports]
    settings = [one | {"clean": pictures} if "clean" in one else one for one in settings]
    models = [report["model"] for report in reports]
    if any(one != settings[0] for one in settings) or any(one != models[0] for one in models):
        raise UsageError("expected shards of one exam; their settings or models differ")
    tally = sum((rows_of(report) for report in reports), Tally([]))
    rows = [row for report in reports for row in report.get("clean", {}).get("rows", [])]
    clean = sorted(map(CleanRow.from_json, rows), key=lambda row: row.picture)
    command = reports[0]["command"]
    for name in ("pictures", "clean"):
        part = reports[0]["settings"].get(name)
        command = command.replace(f"--{name} {part}", f"--{name} {pictures}")
    return as_json(tally, clean, command, settings[0], models[0])


def main() -> None:
    parser = argparse.ArgumentParser(description="Merge the shards of an exam.")
    parser.add_argument("shards", nargs="+", type=Path)
    parser.add_argument("--pictures", required=True, help="last name of the folder of all pictures")
    parser.add_argument("--out", required=True, type=Path)
    given = parser.parse_args()
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in given.shards]
    write_json(merged(reports, given.pictures), given.out)


if __name__ == "__main__":
    main()
