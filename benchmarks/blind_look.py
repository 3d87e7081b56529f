"""Pairs of processes to be judged blind: the same picture by error and in the painter's manner, one above the other.

    python -m benchmarks.blind_look OUT --medium oil [--pairs 20] [--from 8] [--seed 0]

Writes OUT/MEDIUM-01.png, ...: two rows of eight frames each, A above B; which is which is drawn by seed, and kept in
OUT/MEDIUM-key.json, which the judge doesn't open. The question is: which was painted by a person?
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.human_order import photographs
from underpaint import renderers

FRAMES, SIDE, MARGIN, GAP = 8, 256, 24, 12
# The manner, and the frame schedule that goes with it; None is the medium's own.
MANNERS = {"painter": None, "error": "error"}


def main() -> None:
    """Paint each picture twice, and lay the pairs out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--medium", default="oil", choices=("bezier", "oil"))
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--from", dest="first", type=int, default=8)
    parser.add_argument("--strokes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    draw, key = random.Random(args.seed), {}
    for number, picture in enumerate(photographs(args.pairs, args.first, SIDE), start=1):
        order = draw.sample(list(MANNERS), len(MANNERS))
        sheet = Image.new("RGB", (MARGIN + FRAMES * SIDE, 2 * SIDE + GAP), "white")
        for row, manner in enumerate(order):
            process = renderers.paint(picture, renderer=args.medium, strokes=args.strokes, seed=number, manner=manner)
            top = row * (SIDE + GAP)
            ImageDraw.Draw(sheet).text((6, top + SIDE // 2 - 6), "AB"[row], fill="black")
            strip = np.concatenate(list(process.frames(FRAMES, MANNERS[manner])), axis=1)
            sheet.paste(Image.fromarray(strip), (MARGIN, top))
        name = f"{args.medium}-{number:02}.png"
        sheet.save(args.out / name)
        key[name] = dict(zip("AB", order, strict=True))
    (args.out / f"{args.medium}-key.json").write_text(json.dumps(key, indent=1) + "\n")
    print(f"{args.out}: {len(key)} pairs, and {args.medium}-key.json")


if __name__ == "__main__":
    main()
