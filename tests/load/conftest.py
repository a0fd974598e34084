"""The programs beside the tests, and what they share with the local cloud."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
sys.path.append(str(HERE.parent.parent / "local"))
