from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datagen.report.helpers import a_row
from underpaint.datagen.report.charts import HEIGHT, WIDTH, bands_chart, histogram_chart
from underpaint.datagen.report.figures import Band, histograms, psnr_bands


def drawn(svg) -> ET.Element:
    return ET.fromstring(str(svg))


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


def test_a_line_for_each_group_in_its_colour():
    rows = [a_row(0), a_row(1, group="ink", curve=(4.0, 5.0, 9.0))]
    root = drawn(bands_chart(psnr_bands(rows), unit="dB", title="PSNR"))
    assert [group.get("class") for group in root.findall("g")] == ["series g0", "series g2"]
    assert [group.get("data-group") for group in root.findall("g")] == ["bezier", "ink"]
    texts = [text.text for text in root.findall("text")]
    assert {"bezier", "ink", "25 dB", "0", "100 %"} <= set(texts)


def test_lines_rise_with_their_values():
    root = drawn(bands_chart(psnr_bands([a_row(0)]), unit="dB", title="PSNR"))
    points = numbers(root.find("g/polyline").get("points"))
    assert points[0::2] == sorted(points[0::2])
    assert points[1::2] == sorted(points[1::2], reverse=True)


def test_what_has_no_value_is_not_drawn():
    rows = [a_row(number, curve=(5.0, 20.0, None)) for number in range(3)]
    root = drawn(bands_chart(psnr_bands(rows), unit="dB", title="PSNR"))
    assert len(numbers(root.find("g/polyline").get("points"))) == 4
    nothing = drawn(bands_chart(psnr_bands([a_row(curve=(None, None))]), unit="dB", title="PSNR"))
    assert nothing.findall("g") == []


def test_names_never_cover_each_other():
    bands = [
        Band(group=f"medium {n}", x=np.array([0.0, 1]), low=np.zeros(2), middle=np.zeros(2), high=np.ones(2))
        for n in range(8)
    ]
    root = drawn(bands_chart(bands, unit="%", title="change"))
    heights = sorted(float(text.get("y")) for text in root.findall("text[@class]"))
    assert len(heights) == 8
    assert min(np.diff(heights)) >= 12.9
    assert heights[-1] < HEIGHT - 25


def test_names_are_text():
    rows = [a_row(0, group='<script>"&')]
    svg = str(bands_chart(psnr_bands(rows), unit="dB", title="<b>"))
    svg += str(histogram_chart(histograms(rows)[0]))
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "&lt;script&gt;" in svg


def test_bars_stand_upon_each_other():
    rows = [a_row(number, psnr=float(number % 4), group="oil" if number % 2 else "ink") for number in range(40)]
    root = drawn(histogram_chart(histograms(rows)[0]))
    assert [path.get("data-group") for path in root.findall("path")] == ["oil", "ink"]
    for path in root.findall("path"):
        assert path.get("d").count("Z") == 2
    assert "10" in [text.text for text in root.findall("text")]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e4, 1e6), min_size=1, max_size=20))
def test_everything_lies_in_the_picture(values):
    rows = [a_row(number, psnr=value, curve=(value, value / 2)) for number, value in enumerate(values)]
    root = drawn(bands_chart(psnr_bands(rows), unit="dB", title="any"))
    for line in root.findall("g/polyline"):
        points = numbers(line.get("points"))
        assert all(0 <= x <= WIDTH for x in points[0::2])
        assert all(0 <= y <= HEIGHT for y in points[1::2])
    drawn(histogram_chart(histograms(rows)[0]))
