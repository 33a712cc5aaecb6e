"""One HTML page that shows the figures of a run with their captions; it needs no network."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from PIL import Image

from unveil.lab.figures.plans import Plan

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
       max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .5rem; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
nav { columns: 3 14rem; font-size: .9rem; margin: 1.5rem 0; }
nav a { display: block; }
a { color: #0072b2; }
figure { margin: 2.5rem 0; padding-top: 1.5rem; border-top: 1px solid #ddd; }
img { max-width: 100%; height: auto; display: block; margin: 0 auto; }
figcaption { font-size: .9rem; color: #444; margin-top: .6rem; }
footer { font-size: .85rem; color: #555; border-top: 1px solid #ddd; padding: 1rem 0; }
"""


def html_page(
    title: str,
    folder: Path,
    facts: Mapping[str, str],
    shown: Sequence[Plan],
    left_out: Mapping[str, str],
) -> str:
    """The page, to lie in the folder beside the figures, a PNG and a PDF file each.

    facts: what is said of the run, by name. left_out: titles of figures and why they are missing.
    """
    figures = "".join(_figure(plan, folder) for plan in shown)
    said = "".join(f"<dt>{escape(n)}</dt><dd>{escape(value)}</dd>" for n, value in facts.items())
    links = "".join(f'<a href="#{plan.name}">{escape(plan.title)}</a>' for plan in shown)
    missing = "".join(f"<li>{escape(n)}: {escape(why)}</li>" for n, why in left_out.items())
    footer = f"<footer>Left out:<ul>{missing}</ul></footer>\n" if missing else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<dl>{said}</dl>\n<nav>{links}</nav>\n"
        f"{figures}{footer}</body>\n</html>\n"
    )


def _figure(plan: Plan, folder: Path) -> str:
    """A figure at two thirds of its pixels: sharp on dense screens and in print."""
    with Image.open(folder / f"{plan.name}.png") as image:
        width, height = (round(side / 1.5) for side in image.size)
    title, caption = escape(plan.title), escape(plan.caption)
    return (
        f'<figure id="{plan.name}"><h2>{title}</h2>'
        f'<img src="{plan.name}.png" width="{width}" height="{height}" alt="{title}">'
        f'<figcaption>{caption} <a href="{plan.name}.pdf">PDF</a></figcaption></figure>\n'
    )
