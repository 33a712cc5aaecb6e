"""Which figures a run has, and the page and the table that people see."""

import re
from html.parser import HTMLParser
from importlib import import_module

import numpy as np
import pytest
import torch
from tiny import SIDE, crops, history, subject

from unveil.errors import OutputError, UnveilError
from unveil.lab.figures import visualize as visualizing
from unveil.lab.figures.plans import FIGURES, Plan
from unveil.lab.figures.subject import Subject
from unveil.lab.figures.visualize import visualize
from unveil.lab.networks.judge import JudgeNetwork
from unveil.lab.networks.refinement import RefinementNetwork
from unveil.location.features import FEATURES
from unveil.restore.refine import EVIDENCE

OF_RESTORERS = {
    "side-by-side",
    "residual-error",
    "watermark-residual",
    "residual-histogram",
    "local-quality",
}
OF_MASKS = {"masks", "precision-recall", "confusion-matrix"}


class Sources(HTMLParser):
    """The files and anchors that a page names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.files, self.anchors, self.ids = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.add(given["id"])
        for link in filter(None, (given.get("src"), given.get("href"))):
            kind = self.anchors if link.startswith("#") else self.files
            kind.add(link.removeprefix("#"))


def _drawable(of: Subject) -> set[str]:
    names = set()
    for plan in FIGURES:
        try:
            plan.draw(of)
        except UnveilError:
            continue
        names.add(plan.name)
    return names


@pytest.mark.heavy
def test_each_kind_of_network_has_its_figures():
    every = {plan.name for plan in FIGURES}
    assert len(every) == len(FIGURES)
    never = {"loss-parts", "f1"}  # the history has neither
    assert _drawable(subject(3)) == every - OF_MASKS - never
    assert _drawable(subject(1)) == every - OF_RESTORERS - never
    assert _drawable(subject(5)) == every - never  # mask, matte and colour give the picture too


@pytest.mark.heavy
def test_networks_that_help_others_have_their_figures():
    every = {plan.name for plan in FIGURES}
    never = {"loss-parts", "f1", "attention"}
    torch.manual_seed(0)
    batch = crops()
    evidence = torch.cat([batch["marked"], torch.rand(2, EVIDENCE - 3, SIDE, SIDE)], dim=1)
    refines = Subject(history(), RefinementNetwork().eval(), {**batch, "marked": evidence})
    assert _drawable(refines) == every - never
    assert refines.restored.shape == (2, SIDE, SIDE, 3)
    numbers = {
        "marked": torch.randn(40, FEATURES, 1, 1),
        "visible": torch.rand(40, 1, 1, 1),
        "clean": torch.zeros(40, 1, 1, 1),
    }
    drawn = _drawable(Subject(history(), JudgeNetwork().eval(), numbers))
    curves = {"training-progress", "learning-rate", "network", "parameters", "kernels"}
    assert drawn == curves | {"precision-recall", "confusion-matrix"}


def test_the_picture_of_a_locator_follows_from_its_mask_matte_and_colour():
    batch = crops()
    change = batch["marked"] - batch["clean"]
    matte = change.mean(1, keepdim=True) / (1 - batch["clean"]).mean(1, keepdim=True)
    truth = torch.cat([10 * (matte - 0.02), matte.logit(1e-4), torch.full_like(change, 9)], dim=1)
    network = torch.nn.Module()
    network.forward = lambda _: truth
    restored = Subject(history(), network, batch).restored
    clean = batch["clean"].permute(0, 2, 3, 1).numpy()
    marked = batch["marked"].permute(0, 2, 3, 1).numpy()
    assert np.abs(restored - clean).mean() < 0.1 * np.abs(marked - clean).mean()


def test_without_a_mask_the_mark_is_where_the_crop_changed():
    batch = crops()
    known = batch.pop("mask")[:, 0].numpy()
    found = Subject(history(), torch.nn.Identity(), batch).mask
    assert (found != known).mean() < 0.03 < known.mean()


def test_the_page_shows_what_was_drawn_and_says_what_was_not(tmp_path, monkeypatch):
    chosen = [plan for plan in FIGURES if plan.name in ("learning-rate", "masks")]
    odd = Plan("odd", "A & B <i>", "less < more", chosen[0].draw)
    monkeypatch.setattr(visualizing, "FIGURES", [*chosen, odd])
    written = visualize(subject(3), tmp_path / "new" / "figures", "a <run>", {"recipe": "R&D"})
    assert [plan.name for plan in written.shown] == ["learning-rate", "odd"]
    text = written.page.read_text(encoding="utf-8")
    page = Sources(text)
    there = {path.name for path in written.page.parent.iterdir()} - {"index.html"}
    assert (
        page.files
        == there
        == {f"{n}.{e}" for n in ("learning-rate", "odd") for e in ("png", "pdf")}
    )
    assert page.anchors == page.ids == {"learning-rate", "odd"}
    assert "Masks: expected a network that finds masks; this one restores pictures" in text
    assert "A &amp; B &lt;i&gt;" in text
    assert "a &lt;run&gt;" in text
    assert "<dt>best validation PSNR</dt><dd>24.00 dB (epoch 4)</dd>" in text
    with pytest.raises(OutputError, match=r"index\.html: expected a folder"):
        visualize(subject(3), written.page, "a file, no folder")


def test_the_documentation_names_every_figure_and_its_function(pytestconfig):
    text = (pytestconfig.rootpath / "docs" / "figures.md").read_text(encoding="utf-8")
    files = re.findall(r"\| `([\w-]+)` \|", text)
    assert files == [plan.name for plan in FIGURES]
    for module, function in re.findall(r"`(\w+)\.(\w+)` \|$", text, re.MULTILINE):
        assert callable(getattr(import_module(f"unveil.lab.figures.{module}"), function))
