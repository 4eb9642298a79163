"""The catalogue: what is shipped, that its bytes are right, and how a figure is cited."""

import gzip
import hashlib
import shutil

import pandas as pd
import pytest

from qhdanalysis import catalog
from qhdanalysis._assets import DATA
from qhdanalysis.catalog import about, datasets, document_path, load_dataset, provenance
from qhdanalysis.checks import check_records
from qhdanalysis.errors import PanelError, SourceError
from qhdanalysis.records import RECORD_COLUMNS

NAMES = datasets()["name"].tolist()
HEADER = "area,year,indicator,value,unit,source\n"


@pytest.fixture
def other_data(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage."""
    copy = shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.setattr(catalog, "DATA", copy)
    catalog._catalog.cache_clear()
    yield copy
    catalog._catalog.cache_clear()


def test_every_file_in_data_has_an_entry_and_every_entry_a_file():
    listed = {about(name)["file"] for name in NAMES}
    there = {
        path.relative_to(DATA).as_posix()
        for path in DATA.rglob("*")
        if path.is_file() and path.name not in ("catalog.toml", "README.md")
    }
    assert listed == there


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_where_its_file_comes_from_and_what_its_bytes_are(name):
    entry = about(name)
    for key in ("title", "title_zh", "source", "origin", "licence", "caveats", "made_by"):
        assert entry[key].strip()
    content = (DATA / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("name", [name for name in NAMES if about(name)["kind"] == "records"])
def test_records_come_in_the_contract_and_their_place_is_the_line_of_the_file(name):
    records = load_dataset(name)
    assert tuple(records.columns) == RECORD_COLUMNS
    assert records["year"].dtype == "int64"
    assert records["value"].dtype == "float64"
    text = records.drop(columns=["year", "value"])
    assert not text.isna().to_numpy().any()
    assert (text.dtypes == "str").all()
    assert "duplicate" not in set(check_records(records)["issue"])
    content = (DATA / about(name)["file"]).read_bytes()
    lines = (gzip.decompress(content) if name_is_gz(name) else content).decode("utf-8").split("\n")
    row = records.iloc[-1]
    file, line = row["place"].split(":")
    assert file == about(name)["file"]
    assert lines[int(line) - 1].startswith(f"{row['area']},{row['area_code']},{row['year']}")


def name_is_gz(name):
    return about(name)["file"].endswith(".gz")


def test_tables_keep_codes_as_text():
    assert load_dataset("qhd_areas")["area_code"].iloc[0] == "130300"
    assert load_dataset("qhd_clusters")["start"].dtype == "int64"


def test_a_changed_file_is_refused_with_what_to_do(other_data):
    with (other_data / "qhd_gdp.csv").open("ab") as file:
        file.write(b" ")
    with pytest.raises(SourceError, match=r"qhd_gdp\.csv.*sha256 differs.*path=.*update_checksums"):
        load_dataset("qhd_gdp")


def test_a_missing_file_is_named(other_data):
    (other_data / "qhd_gdp.csv").unlink()
    with pytest.raises(SourceError, match=r"qhd_gdp\.csv: cannot be read.*Install qhdanalysis"):
        load_dataset("qhd_gdp")


def test_a_changed_document_is_refused(other_data):
    path = other_data / about("qinhuangdao_reply_2023")["file"]
    path.write_text("x", encoding="utf-8")
    with pytest.raises(SourceError, match="sha256 differs"):
        document_path("qinhuangdao_reply_2023")


def test_the_shipped_document_is_found_by_name_and_no_other_file_is():
    assert "秦皇岛" in document_path("qinhuangdao_reply_2023").read_text(encoding="utf-8")
    for name in ("qhd_gdp", "../pyproject.toml", "catalog.toml"):
        with pytest.raises(SourceError, match="There is no document"):
            document_path(name)


def test_an_unknown_name_and_a_document_are_refused_with_the_remedy():
    with pytest.raises(SourceError, match=r"no dataset 'gdp'. There are: qhd_gdp"):
        load_dataset("gdp")
    with pytest.raises(
        SourceError, match=r"read_document\(document_path\('qinhuangdao_reply_2023'"
    ):
        load_dataset("qinhuangdao_reply_2023")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_users_own_file_stands_in_for_the_shipped_one(tmp_path, encoding, packed):
    content = (
        HEADER + "昌黎县,2022,地区生产总值（亿元）,351.05,亿元,公报\n甲县,2022,未知,,个,\n"
    ).encode(encoding)
    path = tmp_path / ("own.csv.gz" if packed else "own.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    records = load_dataset("qhd_gdp", path=path)
    assert tuple(records.columns) == RECORD_COLUMNS
    assert records["code"].tolist() == ["gdp", ""]
    assert records["value"].tolist()[0] == 351.05
    assert records["value"].isna().tolist() == [False, True]
    assert records["place"].tolist() == [f"{path.name}:2", f"{path.name}:3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00\x81", "UTF-8 or GB 18030"),
        (b"\x1f\x8b\x08rest", "file is damaged"),
        (b"area,year\n", "column 'indicator' is missing"),
        ((HEADER + "甲县,2022年,gdp,1,亿元,x\n").encode(), r"line 2: year is '2022年'.*read_table"),
        ((HEADER + "甲县,,gdp,1,亿元,x\n").encode(), "line 2: year is ''"),
        ((HEADER + "甲县,2022,gdp,1.2.3,亿元,x\n").encode(), r"line 2: value is '1\.2\.3'"),
        ((HEADER + "甲县,2022,gdp,1,亿元,x,y,z\n").encode(), "line 2"),
        ((HEADER + "甲县,2022\n").encode(), "line 2"),
    ],
)
def test_a_users_file_that_does_not_fit_is_refused_with_the_place(tmp_path, content, words):
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        load_dataset("qhd_gdp", path=path)
    assert "own.csv" in str(caught.value)


def test_a_gzip_that_unpacks_to_more_than_30_mb_is_refused(tmp_path):
    path = tmp_path / "own.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode() + b" " * 30_000_000, compresslevel=1))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(SourceError) as caught:
        load_dataset("qhd_gdp", path=path)
    words = "own.csv.gz: holds more than 30,000,000 bytes. Leave out other rows."
    assert str(caught.value).endswith(words)


def test_a_gzip_that_was_cut_off_is_refused_as_damaged(tmp_path):
    path = tmp_path / "own.csv.gz"
    whole = gzip.compress((HEADER + "昌黎县,2022,gdp,351.05,亿元,公报\n").encode())
    path.write_bytes(whole[:-9])
    with pytest.raises(SourceError, match=r"own\.csv\.gz: the file is damaged .*Save it anew\.$"):
        load_dataset("qhd_gdp", path=path)


def test_a_users_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv: cannot be read"):
        load_dataset("qhd_gdp", path=tmp_path / "none.csv")


def test_a_citation_names_figure_source_address_and_place():
    gdp = load_dataset("qhd_gdp")
    row = gdp[gdp["value"].eq(630.5)]
    chinese, english = provenance(row), provenance(row.iloc[0], lang="en")
    assert chinese.startswith(
        "昌黎+卢龙+青龙2022年地区生产总值：630.5亿元；来源：秦皇岛市发展和改革委员会"
    )
    assert english.startswith("2022 gross domestic product of 昌黎+卢龙+青龙: 630.5 亿元; source: ")
    for text in (chinese, english):
        assert "第143277号" in text
        assert "http" in text
        assert f"qhd_gdp.csv:{row.index[0] + 2}" in text
        assert "33% of the city" in text  # the caveat


def test_a_citation_of_several_rows_or_of_no_record_is_refused():
    gdp = load_dataset("qhd_gdp")
    with pytest.raises(PanelError, match="one record, not 2"):
        provenance(gdp.head(2))
    with pytest.raises(PanelError, match="no record: it has no 'area_code'"):
        provenance(pd.Series({"area": "甲县"}))
    with pytest.raises(PanelError, match="'fr'"):
        provenance(gdp.iloc[0], lang="fr")
