"""CSV as rows: what is a row, what is a mistake, where it stands, and that nothing else suffers from it."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.ingest.lines import LONGEST, Unreadable, opened
from journeys.ingest.rows import Mistake, Row, rows


def read(path: Path, delimiter: str = ",") -> list[Row | Mistake]:
    """All rows, the first saying how many fields the others have."""
    with opened(path) as lines:
        following = iter(lines)
        first = next(rows(following, delimiter, 0), None)
        if first is None:
            return []
        width = len(first.fields) if isinstance(first, Row) else 0
        return [first, *rows(following, delimiter, width)]


def told(content: bytes, tmp_path: Path, delimiter: str = ",") -> list[object]:
    """The fields of each row, or the code, line and place of its mistake."""
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return [
        row.fields if isinstance(row, Row) else (row.code, row.lines[0].number, row.start, row.end)
        for row in read(path, delimiter)
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"id,name\n", [["id", "name"]]),
        (b"\xef\xbb\xbfid,name\r\n1,\xe7\x8e\x8b\r\n\r\n2,b", [["id", "name"], ["1", "王"], ["2", "b"]]),
        (b'a,b\n1,"x, ""y"""\n', [["a", "b"], ["1", 'x, "y"']]),
        (b'a,b\n1,"two\r\nlines"\n2,z\n', [["a", "b"], ["1", "two\r\nlines"], ["2", "z"]]),
        (b'a,b\n5" disc,1\n', [["a", "b"], ['5" disc', "1"]]),
        (b"a,b\n1\n1,2,3\n4,5\n", [["a", "b"], ("J476", 2, 0, 1), ("J476", 3, 0, 5), ["4", "5"]]),
        (b"a,b\n1,\xff\n2,3\n", [["a", "b"], ("J472", 2, 2, 3), ["2", "3"]]),
        (b"a,b\n1,x\0y\n2,3\n", [["a", "b"], ("J473", 2, 3, 4), ["2", "3"]]),
        (b"a,b\r1,2\r", [("J473", 1, 3, 4)]),
        (b'a,b\n1,"x"y\n2,3\n', [["a", "b"], ("J475", 2, 2, 3), ["2", "3"]]),
    ],
)
def test_rows_and_mistakes(content: bytes, expected: list[object], tmp_path: Path) -> None:
    assert told(content, tmp_path) == expected


def test_an_unclosed_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    content = b'a,b\n1,"open\n2,x\n3,"quoted, well"\n4,"two\nlines"\n5,y\n'
    assert told(content, tmp_path) == [
        ["a", "b"],
        ("J475", 2, 2, 7),
        ["2", "x"],
        ["3", "quoted, well"],
        ["4", "two\nlines"],
        ["5", "y"],
    ]


def test_an_unclosed_quote_in_a_large_file_costs_its_own_line_only(tmp_path: Path) -> None:
    many = b"".join(b"%d,x\n" % number for number in range(300_000))
    found = told(b'a,b\n1,"open\n' + many, tmp_path)
    assert found[:3] == [["a", "b"], ("J475", 2, 2, 7), ["0", "x"]]
    assert len(found) == 300_002


def test_a_row_that_is_too_long(tmp_path: Path) -> None:
    long = b"1," + b"x" * (3 * LONGEST) + b"\n"
    assert told(b"a,b\n" + long + b"2,3\n", tmp_path) == [["a", "b"], ("J474", 2, 0, 1), ["2", "3"]]
    fits = b"1," + b"x" * (LONGEST - 3) + b"\n"
    assert len(told(b"a,b\n" + fits, tmp_path)[1][1]) == LONGEST - 3  # type: ignore[index]


def test_gzip_is_seen_from_the_content(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n")
    assert told(packed, tmp_path) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("cut", [5, 25])
def test_a_cut_off_gzip_file_cannot_be_read(tmp_path: Path, cut: int) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,2\n" % number for number in range(1000)))
    with pytest.raises(Unreadable):
        told(packed[:cut], tmp_path)


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        read(tmp_path / "nothing.csv")


@given(st.binary(max_size=200) | st.text('a",\n\r\0é;', max_size=80).map(str.encode))
def test_any_bytes_are_rows_or_mistakes_and_every_line_is_in_one(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_bytes(content)
        try:
            found = read(path)
        except Unreadable:
            assert content.startswith(b"\x1f\x8b")
            return
    numbers = [line.number for row in found for line in row.lines]
    assert numbers == sorted(set(numbers))
    blank = [
        number
        for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
        if line in (b"", b"\r")
    ]
    last = len(content.split(b"\n"))
    if found and isinstance(found[0], Mistake):
        return  # without a header there is no file to read on in
    assert set(numbers) | set(blank) | {last} >= set(range(1, last + 1))
    widths = {len(row.fields) for row in found if isinstance(row, Row)}
    assert len(widths) <= 1


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_what_a_csv_writer_wrote_is_read_back(table: list[tuple[str, str, str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(table)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_bytes(text.getvalue().encode())
        if text.getvalue().startswith("\ufeff"):
            return  # that is a byte order mark, which is not content
        assert [row.fields for row in read(path, delimiter) if isinstance(row, Row)] == [list(row) for row in table]
