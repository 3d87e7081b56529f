"""Being told how far a painting is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


class Watcher:
    """Is told of each pass of the networks, and does nothing: derive from it."""

    def begin(self, passes: int) -> None:
        """So many passes are to come, for all processes of a batch together."""

    def advance(self, look: Callable[[], NDArray[np.uint8]] | None) -> None:
        """Another pass is done.

        Args:
            look: gives what the first process of the batch will come to as it seems now, uint8 (F, H, W, 3); decoding
                it costs time. None where there is nothing to see.
        """
