from __future__ import annotations

import numpy as np
import torch

from underpaint.training.phase import contact_sheet


def test_frames_lie_in_rows_and_columns() -> None:
    frames = torch.full((2, 3, 3, 4, 4), -1.0)
    frames[1, 2] = 3.0  # more than there is
    sheet = np.asarray(contact_sheet(frames))
    assert sheet.shape == (8, 12, 3)
    assert (sheet[4:, 8:] == 255).all()
    assert sheet.sum() == 255 * 48
