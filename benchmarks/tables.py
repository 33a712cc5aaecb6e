"""Write the scores of benchmarks/results/*.json into docs/model-card.md and docs/method.md.

Run: python benchmarks/tables.py
"""

import json
import re
from pathlib import Path
from typing import Any

from unveil.lab.evaluation.kinds import KINDS

ROOT = Path(__file__).parent.parent
CARD = ROOT / "docs" / "model-card.md"
METHOD = ROOT / "docs" / "method.md"
ROWS = (
    ("psnr", "PSNR, dB", "{:.2f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("mask_f1", "mask F1", "{:.3f}"),
    ("mask_iou", "mask IoU", "{:.3f}"),
    ("change_outside", "largest change outside the mask", "{:.0f}"),
    ("matte_error", "error of the matte", "{:.3f}"),
    ("rim_error", "error of the matte at the rim", "{:.3f}"),
    ("colour_error", "error of the colour, of 255", "{:.1f}"),
)
KIND_COLUMNS = (
    ("cases", "cases", "{}"),
    ("found", "found", "{}"),
    ("psnr", "PSNR, dB", "{:.2f}"),
    ("gain", "gain, dB", "{:+.2f}"),
    ("mask_f1", "mask F1", "{:.3f}"),
    ("mask_iou", "mask IoU", "{:.3f}"),
    ("change_outside", "outside", "{:.0f}"),
    ("matte_error", "matte", "{:.3f}"),
    ("rim_error", "rim", "{:.3f}"),
    ("colour_error", "colour", "{:.1f}"),
)


def main() -> None:
    """Replace what stands between the two markers."""
    text = "\n\n".join(_protocol(path) for path in sorted(ROOT.glob("benchmarks/results/p*.json")))
    card = CARD.read_text(encoding="utf-8")
    body = f"<!-- scores -->\n{text}\n<!-- end of scores -->"
    card = re.sub("<!-- scores -->.*<!-- end of scores -->", lambda _: body, card, flags=re.DOTALL)
    CARD.write_text(card, encoding="utf-8")
    method = METHOD.read_text(encoding="utf-8")
    body = f"<!-- ablation -->\n{_ablation()}\n<!-- end of ablation -->"
    marks = "<!-- ablation -->.*<!-- end of ablation -->"
    method = re.sub(marks, lambda _: body, method, flags=re.DOTALL)
    METHOD.write_text(method, encoding="utf-8")


def _ablation() -> str:
    """A row per part, a column per opacity, with the true mask and blind."""
    report = json.loads((ROOT / "benchmarks/results/ablation.json").read_text(encoding="utf-8"))
    psnr = {(row["mask"], row["with"], row["opacity"]): row["psnr"] for row in report["rows"]}
    opacities = list(dict.fromkeys(opacity for _, _, opacity in psnr))
    ways = {"mask": "true mask", "blind": "blind"}
    head = ["with", *(f"{said}, a = {o}" for said in ways.values() for o in opacities)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    nothing = [f"{psnr['', 'nothing', o]:.2f}" for o in opacities] * len(ways)
    lines.append(f"| nothing | {' | '.join(nothing)} |")
    for name in dict.fromkeys(name for way, name, _ in psnr if way):
        values = [psnr.get((way, name, o)) for way in ways for o in opacities]
        row = ["-" if value is None else f"{value:.2f}" for value in values]
        lines.append(f"| {name} | {' | '.join(row)} |")
    return "\n".join(lines)


def _protocol(path: Path) -> str:
    report = json.loads(path.read_text(encoding="utf-8"))
    summary = report["summary"]
    lines = [f"`{path.name}`: `{report['command']}`", ""]
    lines += (
        _by_kind(summary) if report["settings"].get("protocol") == "marks" else _by_opacity(summary)
    )
    if "clean" in report:
        clean = report["clean"]
        lines += ["", f"Clean pictures left as they were: {clean['kept']} of {clean['pictures']}."]
    return "\n".join(lines)


def _by_opacity(summary: list[dict[str, Any]]) -> list[str]:
    opacities = sorted({entry["opacity"] for entry in summary})
    head = "| | " + " | ".join(f"a = {opacity:g}" for opacity in opacities) + " |"
    lines = [head, "|---" * (len(opacities) + 1) + "|"]
    for method in dict.fromkeys(entry["method"] for entry in summary):
        cells = {entry["opacity"]: entry for entry in summary if entry["method"] == method}
        for key, label, form in ROWS:
            values = [_text(cells[opacity].get(key), form) for opacity in opacities]
            if any(values):
                lines.append(f"| {method}: {label} | " + " | ".join(values) + " |")
    return lines


def _by_kind(summary: list[dict[str, Any]]) -> list[str]:
    """The row of doing nothing is left out: the gain is over it."""
    lines = [
        "| | " + " | ".join(label for _, label, _ in KIND_COLUMNS) + " |",
        "|---" * (len(KIND_COLUMNS) + 1) + "|",
    ]
    for entry in sorted(summary, key=lambda entry: list(KINDS).index(entry["kind"])):
        if entry["method"] != "nothing":
            cells = [_text(entry[key], form) for key, _, form in KIND_COLUMNS]
            lines.append(f"| {entry['method']}: {entry['kind']} | " + " | ".join(cells) + " |")
    return lines


def _text(value: Any, form: str) -> str:
    """A mean, or a plain value; nothing for what is not known."""
    if isinstance(value, dict):
        value = value.get("mean")
    return "" if value is None else form.format(value)


if __name__ == "__main__":
    main()
