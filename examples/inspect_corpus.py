"""Look into a corpus from Python: what it holds, its weakest sample, and that one painted again at four times the size.

python examples/inspect_corpus.py CORPUS [FOLDER]
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from PIL import Image

import underpaint


def main(location: str, folder: Path) -> None:
    """Print what there is, and write the weakest sample to the folder."""
    corpus = underpaint.Corpus(location)
    print(f"{len(corpus)} samples in {len(corpus.sidecars)} shards")
    # What the sidecars say costs no look into the tars; `rows(details=True)` has captions and frames as well.
    rows = list(corpus.rows())
    for renderer, count in Counter(row["renderer"] for row in rows).items():
        psnr = [row["psnr"] for row in rows if row["renderer"] == renderer and row["psnr"] is not None]
        print(f"  {renderer}: {count}" + (f", {sum(psnr) / len(psnr):.1f} dB" if psnr else ""))
    # With pandas it is corpus.to_pandas().groupby("renderer").psnr.describe()

    for sample in corpus[:3]:
        print(f"{sample.entry.key}: {sample.record()['caption']}, frames {sample.frames().shape}")

    rated = [number for number, row in enumerate(rows) if row["psnr"] is not None]
    if not rated:
        return  # recorded processes, say, have no strokes that could be painted again
    weakest = corpus[min(rated, key=lambda number: rows[number]["psnr"])]
    short_side = 4 * min(weakest.record()["canvas"])
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(weakest.process(short_side)):
        Image.fromarray(frame).save(folder / f"{number:02d}.png")
    print(f"the weakest is {weakest.entry.key}, {weakest.entry.psnr} dB; painted again in {folder}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) == 3 else "weakest"))
