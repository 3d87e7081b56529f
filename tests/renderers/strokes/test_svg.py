"""The SVG is rasterised here by what the standard says of paths, gradients and filters, 4 x 4 samples a pixel."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from skimage.filters import gaussian

from tests.pictures import load_picture
from underpaint.renderers import Program, paint, psnr
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.svg import strokes_to_svg

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
SAMPLES = 4
# Blurs see the paint beyond the border.
MARGIN = 40
NAMESPACE = "{http://www.w3.org/2000/svg}"


def _arc(start: Float64, end: Float64, radius: float) -> Float64:
    """Points of the small arc from start to end with sweep 0; a radius too small grows, as the standard demands."""
    chord = end - start
    half = np.hypot(*chord) / 2
    if half == 0:
        return end[None]
    radius = max(radius, half)
    across = np.array([chord[1], -chord[0]]) / (2 * half)
    centre = (start + end) / 2 + np.sqrt(radius**2 - half**2) * across
    first, last = (np.arctan2(*(point - centre)[::-1]) for point in (start, end))
    if last > first:
        last -= 2 * np.pi
    # Sweep 0 is the way of falling angles. Of the two circles through both points one gives the small arc.
    if first - last > np.pi + 1e-6:
        centre = (start + end) / 2 - np.sqrt(radius**2 - half**2) * across
        first, last = (np.arctan2(*(point - centre)[::-1]) for point in (start, end))
        if last > first:
            last -= 2 * np.pi
    angles = np.linspace(first, last, 24)
    return centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def outline(path: str) -> Float64:
    """The polygon of a path of M, L, A and Z."""
    assert re.fullmatch(r"M[-\d.,LA]+Z", path), path
    points: list[Float64] = []
    for command, numbers in re.findall(r"([MLA])([^MLAZ]+)", path):
        values = np.array([float(number) for number in numbers.split(",")])
        if command == "A":
            assert values[0] == values[1]
            assert values[2:5].tolist() == [0, 0, 0]
            points.extend(_arc(points[-1], values[5:], values[0]))
        else:
            points.append(values)
    return np.array(points)


def _numbers(colour: str | None) -> Float64:
    return np.array([float(number) for number in re.findall(r"[\d.]+", colour or "")])


def rasterise(svg: str) -> npt.NDArray[np.uint8]:
    root = ElementTree.fromstring(svg)
    width, height = int(root.get("width", "")), int(root.get("height", ""))
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    rectangle = root.find(f"{NAMESPACE}rect")
    assert rectangle is not None
    canvas = np.broadcast_to(_numbers(rectangle.get("fill")), (height, width, 3)) / 255
    rows, columns = height + 2 * MARGIN, width + 2 * MARGIN
    y, x = (np.mgrid[0 : rows * SAMPLES, 0 : columns * SAMPLES] + 0.5) / SAMPLES - MARGIN
    for path in root.iter(f"{NAMESPACE}path"):
        mask = Image.new("L", (columns * SAMPLES, rows * SAMPLES))
        # Pillow's polygons take pixel centres as whole numbers.
        corners = (outline(path.get("d", "")) + MARGIN) * SAMPLES - 0.5
        ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners], fill=1)
        gradient = by_id[re.fullmatch(r"url\(#(.*)\)", path.get("fill", ""))[1]]  # type: ignore[index]
        x1, y1, x2, y2 = (float(gradient.get(name, "")) for name in ("x1", "y1", "x2", "y2"))
        share = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / max((x2 - x1) ** 2 + (y2 - y1) ** 2, 1e-9)
        first, last = gradient
        opacity = np.interp(share, [0, 1], [float(stop.get("stop-opacity", "")) for stop in (first, last)])
        alpha = np.asarray(mask) * opacity
        if path.get("filter"):
            blur = by_id[re.fullmatch(r"url\(#(.*)\)", path.get("filter", ""))[1]].find(f"{NAMESPACE}feGaussianBlur")  # type: ignore[index]
            assert blur is not None
            alpha = gaussian(alpha, SAMPLES * float(blur.get("stdDeviation", "")), mode="constant", truncate=3)
        alpha = alpha.reshape(rows, SAMPLES, columns, SAMPLES).mean(axis=(1, 3))
        alpha = alpha[MARGIN:-MARGIN, MARGIN:-MARGIN, None]
        assert first.get("stop-color") == last.get("stop-color")
        canvas = canvas * (1 - alpha) + alpha * _numbers(first.get("stop-color")) / 255
    return np.round(canvas * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def program() -> Program:
    return paint(load_picture("temple", (90, 120)), strokes=50, seed=1, ground="#f0e6d2").program


def test_the_picture_is_that_of_the_program(program: Program) -> None:
    assert psnr(rasterise(program.to_svg()), program.replay()) > 28


def test_sharp_strokes_of_all_shapes(random_strokes: Callable[..., Float32]) -> None:
    strokes = random_strokes(40, 80, 100, 7)
    strokes[:, COLUMNS.index("edge")] = 0
    strokes[:, COLUMNS.index("bow")] *= 0.5
    program = Program(medium="bezier", size=(80, 100), ground=np.array([0.2, 0.5, 0.9], np.float32), strokes=strokes)
    assert psnr(rasterise(program.to_svg()), program.replay()) > 30


def test_every_part_of_one_stroke_lies_where_it_should(make_stroke: Callable[..., Float32]) -> None:
    """Caps, bend, taper and opacity of a single stroke in every direction."""
    for theta in np.linspace(0, 2 * np.pi, 9)[:-1]:
        stroke = make_stroke(cx=32, cy=30, theta=theta, length=30, bow=3, r0=8, r1=3, a0=1, a1=0.5)[None]
        program = Program(medium="bezier", size=(60, 64), ground=np.ones(3, np.float32), strokes=stroke)
        assert psnr(rasterise(program.to_svg()), program.replay()) > 32


def test_soft_edges_are_blurred_and_sharp_ones_not(make_stroke: Callable[..., Float32]) -> None:
    ground = np.ones(3, np.float32)
    for edge, blurred in ((0.0, False), (1.0, False), (6.0, True)):
        stroke = make_stroke(cx=32, cy=30, length=24, r0=8, r1=8, edge=edge)[None]
        svg = strokes_to_svg(stroke, (60, 64), ground)
        assert ("feGaussianBlur" in svg) is blurred
        replayed = Program(medium="bezier", size=(60, 64), ground=ground, strokes=stroke).replay()
        assert psnr(rasterise(svg), replayed) > 30


def test_document_is_valid_and_no_number_is_missing(program: Program) -> None:
    svg = program.to_svg()
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == "0 0 120 90"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) >= 50
    assert "nan" not in svg
    assert "inf" not in svg
    assert set(re.findall(r"url\(#(\w+)\)", svg)) == set(ids)


def test_a_program_without_strokes_is_its_ground() -> None:
    svg = strokes_to_svg(np.zeros((0, len(COLUMNS)), np.float32), (20, 30), np.array([1, 0.5, 0], np.float32))
    assert (rasterise(svg) == (255, 128, 0)).all()


def test_a_dot_is_visible(make_stroke: Callable[..., Float32]) -> None:
    dot = make_stroke(length=0, r0=6, r1=6)[None]
    program = Program(medium="bezier", size=(40, 40), ground=np.ones(3, np.float32), strokes=dot)
    assert psnr(rasterise(program.to_svg()), program.replay()) > 28
