"""A callback of the sampling: how far a painting is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


class Callback:
    """A callback that does nothing: derive from it."""

    def begin(self, passes: int) -> None:
        """Be called once before sampling.

        Args:
            passes: of the networks that are to come, for all processes of a batch together.
        """

    def advance(self, look: Callable[[], NDArray[np.uint8]] | None) -> None:
        """Be called after each pass of the networks.

        Args:
            look: decodes what the first process of the batch will come to as it seems now, uint8 (F, H, W, 3), which
                takes time. None where there is nothing to see.
        """
