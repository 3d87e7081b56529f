"""The configuration of `underpaint-data report`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """What a report shows.

    Args:
        samples: Paintings to play, about; all media of pictures that are drawn by chance. The worst and the oddest
            come on top. Fewer if they would make the page too large.
        rows: Samples to read, list and count in figures; of a larger corpus so many drawn by chance.
        seed: Of both choices.
    """

    # 11 MB of a page at 46 kB each: enough to get a feeling for a corpus, and open in a second.
    samples: int = 180
    # 10,000 rows are 2 MB (6 if all captions are long), and a minute's reading from a remote store.
    rows: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 0:
            raise ValueError(f"samples is {self.samples}: use 0 or more")
        if self.rows < 1:
            raise ValueError(f"rows is {self.rows}: a report needs at least 1")
