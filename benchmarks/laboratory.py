"""Scores of training runs side by side, in docs/laboratory.md.

    python benchmarks/laboratory.py [RUN ...] --pictures FOLDER [--limit 2] [--every 4]

Each RUN is a folder of `unveil train`. Its best network is exported and scored with `unveil
evaluate` under protocol A, blind, on the first pictures under every fourth logo; what the run says
of itself (samples, minutes, validation, test) stands beside it. Puts the run, by its folder's name,
into benchmarks/results/laboratory.json, and the tables of all that are there between two markers of
docs/laboratory.md.
"""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from unveil.lab.training.folder import best_checkpoint, load_run
from unveil.lab.training.recipe_files import from_json, to_json

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "laboratory.json"
PAGE = HERE.parent / "docs" / "laboratory.md"
OPACITIES = ("0.3", "0.5", "0.7", "1.0")
SCORES = ("psnr", "ssim", "gain", "mask_f1")


def measure(folder: Path, pictures: Path, logos: Path, limit: int) -> dict[str, Any]:
    """Everything that the tables show of a run, and how it came about."""
    run = load_run(folder)
    history, best = run.history, int(run.history["val_loss"].argmin())
    measured: dict[str, Any] = {
        "recipe": type(run.recipe).__name__,
        "changed": changed(to_json(run.recipe)),
        "parameters": sum(each.numel() for each in run.network().parameters()),
        "steps": int(history["step"][-1]),
        "samples": int(history["samples"][-1]),
        "minutes": round(float(history["minutes"][-1]), 1),
        "validation": {
            name.removeprefix("val_"): round(float(values[best]), 4)
            for name, values in history.items()
            if name.startswith("val_") and values[best] == values[best]
        },
    }
    if (folder / "test.json").is_file():
        test = json.loads((folder / "test.json").read_text())
        measured["test"] = {"pictures": test["pictures"]} | rounded(test["mean"])
    model, scores = folder / "model.onnx", folder / "protocol-a.json"
    call("export", best_checkpoint(folder), "-o", model)
    call(
        *("evaluate", "--protocol", "a", "--pictures", pictures, "--logos", logos),
        *("--limit", limit, "--model", model, "--out", scores),
    )
    measured["protocol a"] = protocol_a(scores)
    return measured


def protocol_a(scores: Path) -> dict[str, dict[str, dict[str, float]]]:
    """What `unveil evaluate` wrote: method, opacity, means."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in json.loads(scores.read_text())["summary"]:
        means = rounded({name: row[name]["mean"] for name in SCORES})
        found.setdefault(row["method"], {})[str(row["opacity"])] = means | {"cases": row["cases"]}
    return found


def changed(recipe: str) -> dict[str, Any]:
    """The fields of a recipe, as JSON, that are not those of its kind, by dotted names."""
    values = flat(json.loads(recipe))
    usual = flat(json.loads(to_json(type(from_json(recipe))())))
    return {name: value for name, value in values.items() if usual.get(name) != value}


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields by dotted names."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= (
            flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
        )
    return found


def rounded(values: dict[str, float]) -> dict[str, float]:
    """To four digits."""
    return {name: round(value, 4) for name, value in values.items()}


def call(*arguments: object) -> None:
    """Run unveil."""
    subprocess.run(["unveil", *map(str, arguments)], check=True)


def tables(runs: dict[str, dict[str, Any]]) -> str:
    """Two tables in Markdown: what was trained, and its scores under protocol A."""
    lines = [
        "| run | steps | crops seen | validation | test: doing nothing | network |",
        "|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        test = run.get("test", {})
        before = quality(test, "input_")
        lines.append(
            f"| `{name}` | {run['steps']:,} | {run['samples']:,} |"
            f" {quality(run['validation'])} | {before} | {quality(test)} |"
        )
    lines += ["", "| PSNR, dB | " + " | ".join(f"a = {each}" for each in OPACITIES) + " |"]
    lines += ["|---|" + "---|" * len(OPACITIES)]
    first = next(iter(runs.values()))["protocol a"]["nothing"]
    rows = {"doing nothing": first}
    rows |= {f"`{name}`": run["protocol a"]["unveil"] for name, run in runs.items()}
    for name, by_opacity in rows.items():
        cells = " | ".join(f"{by_opacity[each]['psnr']:.2f}" for each in OPACITIES)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def quality(scores: dict[str, float], prefix: str = "") -> str:
    """What a cell says: PSNR and SSIM, or F1."""
    if f"{prefix}psnr" in scores:
        return f"{scores[f'{prefix}psnr']:.2f} dB / {scores[f'{prefix}ssim']:.4f}"
    return f"F1 {scores['f1']:.3f}" if not prefix and "f1" in scores else ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores of training runs side by side.")
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--pictures", type=Path, default=Path("kodak24"))
    parser.add_argument("--limit", type=int, default=2, help="pictures")
    parser.add_argument("--every", type=int, default=4, help="take every Nth logo")
    given = parser.parse_args()
    report = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    with tempfile.TemporaryDirectory() as logos:
        for logo in sorted((HERE / "logos").glob("*.png"))[:: given.every]:
            shutil.copy(logo, logos)
        for run in given.runs:
            report[run.name] = measure(run, given.pictures, Path(logos), given.limit)
            RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    body = f"<!-- runs -->\n{tables(report)}\n<!-- end of runs -->"
    page = PAGE.read_text(encoding="utf-8")
    page = re.sub("<!-- runs -->.*<!-- end of runs -->", lambda _: body, page, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
