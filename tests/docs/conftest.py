from __future__ import annotations

import pytest

from tests.docs.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The files that pages name; blocks get copies."""
    return World(tmp_path_factory.mktemp("world"))
