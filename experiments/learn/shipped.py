"""The colour pictures that scikit-image ships: something to paint without downloading anything."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

# Those that come inside the package; its other pictures would have to be downloaded.
CAPTIONS = {
    "astronaut.png": "a portrait of an astronaut in an orange space suit",
    "chelsea.png": "a close-up of a tabby cat",
    "coffee.png": "a cup of coffee on a saucer",
    "hubble_deep_field.jpg": "galaxies in the night sky",
    "ihc.png": "a stained tissue section under the microscope",
    "motorcycle_left.png": "a motorcycle in a workshop",
    "retina.jpg": "the retina of an eye",
    "rocket.jpg": "a rocket on its launch pad",
}


def copy_shipped(folder: Path) -> int:
    """Copy the pictures, write their captions beside them as `captions.jsonl`, and return how many there are."""
    import skimage.data

    folder.mkdir(parents=True, exist_ok=True)
    shipped = Path(skimage.data.__file__).parent
    rows = []
    for name, caption in CAPTIONS.items():
        if (shipped / name).exists():
            shutil.copyfile(shipped / name, folder / name)
            rows.append(json.dumps({"file": name, "caption": caption}))
    (folder / "captions.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows)
