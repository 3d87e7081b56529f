import subprocess
import sys

from tests.datagen.helpers import ROOT


def test_it_loads_neither_ray_nor_torch():
    heavy = {"ray", "torch", "av"}
    code = f"import sys, underpaint.datagen.reading; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
