import json
import math
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from unveil.errors import OutputError, UsageError
from unveil.lab.evaluation import evaluate, report
from unveil.lab.evaluation.pairs import list_pictures
from unveil.lab.evaluation.protocols import protocol, protocol_cases


@pytest.fixture
def cases(pictures: Path, logos: Path) -> list:
    chosen = protocol("a", [0.5, 1.0])
    return list(protocol_cases(chosen, list_pictures(pictures), list_pictures(logos)))


def test_a_remover_that_does_nothing_scores_as_nothing(cases, fakes):
    methods = evaluate.choose_methods(["unveil"], fakes.Identity)
    tally = evaluate.run(cases, methods)
    assert len(tally) == 2 * len(cases)
    for opacity in (0.5, 1.0):
        ours = tally.select("unveil", opacity).summary()
        floor = tally.select("nothing", opacity).summary()
        assert {**ours, "seconds": None} == {**floor, "seconds": None}
        assert ours["mask_f1"]["mean"] == 0
        assert ours["found"] == 0
        assert ours["gain"]["mean"] == 0
        covered = [
            c.truth.matte[c.truth.matte > 0.01].mean() for c in cases if c.opacity == opacity
        ]
        assert ours["matte_error"]["mean"] == pytest.approx(np.mean(covered))
        assert ours["colour_error"]["mean"] is None


def test_an_oracle_scores_perfectly(cases, fakes):
    methods = evaluate.choose_methods(["unveil", "unveil-mask"], lambda: fakes.Oracle(cases))
    tally = evaluate.run(cases, methods)
    blind = [row for row in tally if row.method == "unveil"]
    assert all(row.psnr == math.inf and row.found for row in blind)
    assert all(row.change_outside == 0 for row in blind)
    assert all(row.mask.missed == 0 for row in blind)
    assert all(row.matte_error == row.rim_error == 0 for row in blind)
    assert all(row.colour_error < 0.5 for row in blind)
    told = [row for row in tally if row.method == "unveil-mask"]
    assert all(row.mask_f1 == row.mask_iou == 1 for row in told)


def test_noise_is_taken_off_by_one_method_only(cases, fakes):
    class Asked(fakes.Identity):
        asked: ClassVar[list[bool]] = []

        def remove(self, picture, *, mask=None, denoise=False):
            self.asked.append(denoise)
            return super().remove(picture, mask=mask)

    evaluate.run(cases[:1], evaluate.choose_methods(["unveil", "unveil-denoise"], Asked))
    assert Asked.asked == [False, True]


def test_telea_changes_nothing_outside_the_true_mask(cases, fakes):
    tally = evaluate.run(cases, evaluate.choose_methods(["telea"], fakes.Identity))
    rows = [row for row in tally if row.method == "telea"]
    assert all(row.change_outside == 0 and row.mask_f1 == 1 for row in rows)
    floor = tally.select("nothing", 1.0).mean("psnr").value
    assert tally.select("telea", 1.0).mean("psnr").value > floor + 3


def test_a_careless_remover_is_caught(cases, fakes):
    class Careless:
        def remove(self, picture, *, mask=None):
            changed = picture.copy()
            changed[0, 0, 0] ^= 4
            return fakes.Result(changed, np.zeros(picture.shape[:2], bool), True)

    tally = evaluate.run(cases[:1], evaluate.choose_methods(["unveil"], Careless))
    assert tally.select("unveil", 0.5).summary()["change_outside"] == 4


def test_the_remover_is_loaded_once_and_only_if_needed(fakes):
    loads = []

    def load():
        loads.append(1)
        return fakes.Identity()

    evaluate.choose_methods(["telea"], load)
    assert not loads
    assert list(evaluate.choose_methods(["unveil", "unveil-mask"], load)) == [
        "nothing",
        "unveil",
        "unveil-mask",
    ]
    assert len(loads) == 1


def test_an_unknown_method_lists_the_choices(fakes):
    with pytest.raises(UsageError, match=r"expected methods of nothing, telea.* got 'magic'"):
        evaluate.choose_methods(["magic"], fakes.Identity)


def test_false_alarms_are_counted(pictures: Path, fakes):
    class Alarmed(fakes.Identity):
        def remove(self, picture, *, mask=None):
            result = super().remove(picture)
            if picture.size_hw[0] == 239:
                result.mask[:5], result.found = True, True
                result.rgb[0], result.file = 0, b"changed"
            return result

    rows = evaluate.run_clean(list_pictures(pictures), Alarmed())
    assert [row.kept for row in rows] == [True, True, False]
    assert [row.identical for row in rows] == [True, True, False]
    assert rows[2].masked_pixels == 5 * 250
    assert report.clean_line(rows).endswith("2 of 3; touched: 2.png")


def test_json_keeps_every_row_and_merges(cases, tmp_path: Path, fakes):
    methods = evaluate.choose_methods(["unveil"], lambda: fakes.Oracle(cases))
    whole = evaluate.run(cases, methods)
    files = []
    for index, shard in enumerate((cases[:5], cases[5:])):
        files.append(tmp_path / f"{index}.json")
        tally = evaluate.run(shard, methods)
        report.write_json(report.as_json(tally, [], "command", {"n": index}, None), files[-1])
    loaded = [json.loads(file.read_text()) for file in files]
    merged = report.rows_of(loaded[0]) + report.rows_of(loaded[1])
    assert len(merged) == len(whole)
    for method, _, opacity in whole.groups():
        ours, theirs = (t.select(method, opacity).summary() for t in (merged, whole))
        assert {**ours, "seconds": None} == {**theirs, "seconds": None}
    assert loaded[0]["settings"] == {"n": 0}
    assert loaded[0]["environment"]["versions"]["numpy"] == np.__version__
    assert any(row["psnr"] == "inf" for row in loaded[0]["rows"])
    assert not list(tmp_path.glob(".*"))


def test_the_table_shows_each_method_and_opacity(cases, fakes):
    methods = evaluate.choose_methods(["telea"], fakes.Identity)
    text = report.table(evaluate.run(cases, methods))
    assert "nothing (6 cases)" in text
    assert "telea (6 cases)" in text
    header = text.splitlines()[0]
    assert header.index("a = 0.5") < header.index("a = 1")
    assert "PSNR under the mask, dB" in text
    assert "±" in text


def test_a_report_that_cannot_be_written_is_refused_beforehand(tmp_path: Path):
    with pytest.raises(OutputError, match=r"expected the folder .* make it first"):
        report.check_writable(tmp_path / "none" / "scores.json")
    with pytest.raises(OutputError, match="got a folder"):
        report.check_writable(tmp_path)
