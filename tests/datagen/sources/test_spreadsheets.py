import pytest

from underpaint.datagen.sources.listings import list_rows
from underpaint.datagen.sources.notes import SourceNotes


def read(folder, content, name="l.csv"):
    """The rows of a list and what is noted of it."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    notes = SourceNotes()
    rows = [row() for row in list_rows(str(folder / name), name, notes)]
    return [(row.name, row.caption) for row in rows], list(notes.lines())


@pytest.mark.parametrize(
    "content",
    [
        "file, caption\na.png, a barn\n",
        "file,Caption\na.png,a barn\n",
        "\ufeff FILE ,caption\r\n\r\na.png , a barn \r\n,\r\n",
        "text,file_name\na barn,a.png\n",
        'file;prompt\n"a.png";"a barn"\n',
        "image\tdescription\na.png\ta barn\n",
        "path|caption\ra.png|a barn\r",
        "File-Name,caption\na.png,a barn,\n",
        "Image URL,caption\na.png,a barn\n",
    ],
)
def test_headers_and_blanks_as_people_write_them(tmp_path, content):
    assert read(tmp_path, content) == ([("a.png", "a barn")], [])


def test_a_tab_separated_list_may_have_commas_in_its_texts(tmp_path):
    assert read(tmp_path, "file\tcaption\na.png\tred, blue\n", "l.tsv") == ([("a.png", "red, blue")], [])


def test_quotes_within_cells_and_lines_within_quotes(tmp_path):
    content = 'file,caption\na.png,a 12" barn\nb.png,"two\nlines, of ""it"""\nc.png,"   "\n'
    assert read(tmp_path, content)[0] == [("a.png", 'a 12" barn'), ("b.png", 'two\nlines, of "it"'), ("c.png", None)]


def test_columns_that_are_not_read_are_said(tmp_path):
    rows, (line,) = read(tmp_path, "file,caption,text,rating\na.png,this,that,5\n")
    assert rows == [("a.png", "this")]
    assert line.endswith("l.csv: not read: text, rating")
    rows, (line,) = read(tmp_path, ",file,caption,\n0,a.png,this,\n1,b.png,that,,\n")
    assert rows == [("a.png", "this"), ("b.png", "that")]
    assert line.endswith("l.csv: not read: a column without a name")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('file,caption\na.png,x\nb.png,"a 12 inch barn\nc.png,y\n', r"lines 3 to 4: unexpected end of data; a quote"),
        ('file,caption\na.png,"x\nb.png,y\nc.png,"z"\n', r"lines 2 to 4: ',' expected after"),
        ('file,caption\na.png,"one\nb.png,two"\n', "line 2: its quotes hold what looks like rows, up to line 3"),
        ('caption,file\n"one,a.png\ntwo",b.png\n', "line 2: its quotes hold what looks like rows"),
        ('file\n"a.png\nb.png"\n', "line 2: its quotes hold what looks like rows"),
        ('file,caption\na.png,"barn" at night\n', "line 2: ',' expected after"),
        ('file,caption\na.png,"' + "b.png,x\n" * 20_000, "lines 2 to 16386: field larger than field limit"),
        ("file,caption\na.png,red, blue\n", "line 2: cells: 3, of the header: 2; put what has a comma in quotes"),
        ("file,caption,\na.png,red, blue\n", "line 2: cells: 3, of the header: 2"),
        ("file,caption\n\na.png\n", "line 3: cells: 1, of the header: 2"),
        ("file,caption,Caption\na.png,x,y\n", "line 1: columns `caption` and `Caption` mean the same, caption"),
        ("image,path\na.png,b.png\n", "line 1: columns `image` and `path` mean the same, file"),
        ("a.png,a barn\n", r"line 1: no column named `file` \(or `url`\) among a.png, a barn"),
        ("file,caption\n" + "a.png,x\n" * 3000 + "b.png,\u00e9\n".encode("latin-1").decode("latin-1"), None),
    ],
)
def test_what_would_lose_something_is_refused_with_its_line(tmp_path, content, message):
    if message is None:
        content, message = content.encode("latin-1"), "line 3002: not UTF-8: save the list as UTF-8"
    with pytest.raises(ValueError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_refused(tmp_path, encoding):
    with pytest.raises(ValueError, match="line 1: not UTF-8: save the list as UTF-8"):
        read(tmp_path, "file,caption\na.png,x\n".encode(encoding))
