import sys
from pathlib import Path

# What all tests share lies one level up; a folder of tests may be run by itself.
sys.path.insert(0, str(Path(__file__).parent.parent))
