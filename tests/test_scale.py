"""What runs in partitions gives what one table in memory gives."""

import os
import signal
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

from qhdanalysis import QhdError, read_documents
from qhdanalysis.errors import PanelError, SourceError
from qhdanalysis.indicators.inequality import inequality
from qhdanalysis.indicators.shares import gdp_share
from qhdanalysis.indicators.structure import location_quotient
from qhdanalysis.projection.coherent import project_shares
from qhdanalysis.projection.trend import project
from qhdanalysis.scale import apply_by, read_corpus


@pytest.fixture(scope="module")
def panel():
    # a random walk for each of 40 areas, three sectors, rows shuffled
    rng = np.random.default_rng(7)
    index = pd.MultiIndex.from_product(
        [[f"area {i:02d}" for i in range(40)], range(2005, 2021), ["a", "b", "c"]],
        names=["area", "year", "sector"],
    )
    frame = index.to_frame(index=False)
    frame["value"] = 100 * np.exp(0.1 * rng.standard_normal(len(frame)).cumsum() / 40)
    return frame.sample(frac=1, random_state=1, ignore_index=True)


def ordered(frame):
    by = [column for column in ("area", "year", "sector", "level") if column in frame.columns]
    return frame.sort_values(by, kind="stable", ignore_index=True)


@pytest.mark.parametrize("function", [inequality, location_quotient, project])
def test_partitions_give_exactly_what_memory_gives(panel, function):
    table = panel if function is location_quotient else panel[panel["sector"].eq("a")]
    table = ordered(table.reset_index(drop=True))
    expected = function(table)
    if isinstance(expected, pd.Series):
        expected = table.assign(location_quotient=expected)
    result = apply_by(function, table, on="threads", partitions=5)
    pd.testing.assert_frame_equal(result, ordered(expected), check_exact=True)


def test_a_plain_cut_through_a_year_would_have_been_wrong(panel):
    table = ordered(panel[panel["sector"].eq("a")])
    halves = pd.concat([gdp_share(table.iloc[:300]), gdp_share(table.iloc[300:])])
    assert not np.allclose(halves, gdp_share(table))


def test_results_too_large_for_memory_go_to_files(panel, tmp_path):
    table = panel[panel["sector"].eq("a")]
    table.to_parquet(tmp_path / "panel.parquet")
    listed = apply_by(gdp_share, tmp_path / "panel.parquet", on="threads", out=tmp_path / "out")
    assert listed["rows"].sum() == len(table)
    written = pd.concat(pd.read_parquet(file) for file in listed["file"])
    assert np.allclose(written.groupby("year")["gdp_share"].sum(), 1)


def test_a_function_that_needs_the_whole_table_is_refused(panel):
    with pytest.raises(PanelError, match="project_shares is not known to work on one area"):
        apply_by(project_shares, panel)


def test_a_missing_key_is_named(panel):
    with pytest.raises(PanelError, match="'county' is no column of the table"):
        apply_by(gdp_share, panel, key="county")


def test_an_unreadable_table_is_named(tmp_path):
    with pytest.raises(SourceError, match="the table cannot be read"):
        apply_by(gdp_share, tmp_path / "none-*.csv")


def test_a_silent_cluster_is_named():
    with pytest.raises(QhdError, match="no dask cluster answers there"):
        apply_by(gdp_share, pd.DataFrame({"year": [1]}), on="nowhere")


@pytest.fixture
def folder(tmp_path):
    for i in range(40):
        text = f"2023年，甲县完成投资{i + 10}.5亿元，增长{i / 10 + 1:.1f}%。"
        (tmp_path / f"{i:02d}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "40.txt").write_bytes(b"")
    return tmp_path


def test_a_corpus_reads_as_its_documents_do(folder):
    together, apart = read_corpus(folder, on="threads", batch=7), read_documents(folder)
    pd.testing.assert_frame_equal(together.figures, apart.figures)
    pd.testing.assert_frame_equal(together.problems, apart.problems)
    assert len(together.problems) == 1


def slowly(table):
    time.sleep(0.5)
    return table.assign(done=1)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(panel, folder):
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        table = ordered(panel[panel["sector"].eq("a")])
        on_cluster = apply_by(project, table, on=address, partitions=6)
        pd.testing.assert_frame_equal(on_cluster, ordered(project(table)), check_exact=True)

        victim = next(iter(cluster.workers.values())).pid
        threading.Timer(1.0, os.kill, (victim, signal.SIGKILL)).start()
        result = apply_by(slowly, panel, key="area", on=address, partitions=8)
        assert len(result) == len(panel)
        assert len(read_corpus(folder, on=address, batch=5).documents) == 40


def test_a_session_that_is_connected_to_a_cluster_may_still_work_with_threads(panel):
    from distributed import Client

    table = ordered(panel[panel["sector"].eq("a")])
    expected = ordered(table.assign(gdp_share=gdp_share(table)))
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None):
        result = apply_by(gdp_share, table, on="threads")
    pd.testing.assert_frame_equal(result, expected, check_exact=True)


def test_a_table_of_dask_goes_in_as_it_is(panel):
    import dask.dataframe as dd

    table = ordered(panel[panel["sector"].eq("a")])
    result = apply_by(gdp_share, dd.from_pandas(table, npartitions=3), on="threads")
    expected = table.assign(gdp_share=gdp_share(table))
    pd.testing.assert_frame_equal(result, ordered(expected), check_exact=True)


def test_csv_files_are_read_with_codes_as_text(tmp_path):
    for i, area in enumerate(("甲县", "乙县")):
        table = pd.DataFrame(
            {"area": area, "area_code": "013032", "year": [2021, 2022], "value": [1.0, 3.0 * i]}
        )
        table.to_csv(tmp_path / f"part-{i}.csv", index=False)
    result = apply_by(gdp_share, str(tmp_path / "part-*.csv"), on="threads")
    # 2021: 1 and 1; 2022: 0 and 3
    assert sorted(result["gdp_share"]) == [0.0, 0.5, 0.5, 1.0]
    assert set(result["area_code"]) == {"013032"}


def test_a_table_without_rows_is_refused(panel):
    with pytest.raises(PanelError, match="The table has no rows"):
        apply_by(gdp_share, panel[:0], on="threads")


def test_without_dask_the_extra_is_named(panel, monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(SourceError, match=r"pip install qhdanalysis\[scale\]"):
        apply_by(gdp_share, panel)
