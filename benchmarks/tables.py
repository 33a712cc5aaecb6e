"""Write the scores of benchmarks/results/*.json into docs/model-card.md.

Run: python benchmarks/tables.py
"""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CARD = ROOT / "docs" / "model-card.md"
ROWS = (
    ("psnr", "PSNR, dB", "{:.2f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("mask_f1", "mask F1", "{:.3f}"),
    ("mask_iou", "mask IoU", "{:.3f}"),
    ("change_outside", "largest change outside the mask", "{:.0f}"),
)


def main() -> None:
    """Replace what stands between the two markers."""
    text = "\n\n".join(_protocol(path) for path in sorted(ROOT.glob("benchmarks/results/p*.json")))
    card = CARD.read_text(encoding="utf-8")
    body = f"<!-- scores -->\n{text}\n<!-- end of scores -->"
    card = re.sub("<!-- scores -->.*<!-- end of scores -->", lambda _: body, card, flags=re.DOTALL)
    CARD.write_text(card, encoding="utf-8")


def _protocol(path: Path) -> str:
    report = json.loads(path.read_text(encoding="utf-8"))
    summary = report["summary"]
    opacities = sorted({entry["opacity"] for entry in summary})
    head = "| | " + " | ".join(f"a = {opacity:g}" for opacity in opacities) + " |"
    lines = [f"`{path.name}`: `{report['command']}`", "", head, "|---" * (len(opacities) + 1) + "|"]
    for method in dict.fromkeys(entry["method"] for entry in summary):
        cells = {entry["opacity"]: entry for entry in summary if entry["method"] == method}
        for key, label, form in ROWS:
            values = [_text(cells[opacity].get(key), form) for opacity in opacities]
            if any(values):
                lines.append(f"| {method}: {label} | " + " | ".join(values) + " |")
    if "clean" in report:
        clean = report["clean"]
        lines += ["", f"Clean pictures left as they were: {clean['kept']} of {clean['pictures']}."]
    return "\n".join(lines)


def _text(value: Any, form: str) -> str:
    """A mean, with half of its 95 % interval where the report has one."""
    if isinstance(value, dict):
        value = value.get("mean")
    return "" if value is None else form.format(value)


if __name__ == "__main__":
    main()
