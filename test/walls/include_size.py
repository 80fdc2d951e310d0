"""What the program of README.md includes stays small: the text that a compiler reads after preprocessing, in bytes, with
<tenon/torch.h>, the larger of the two headers. A header of the standard library that is much larger than its use (<regex>, <chrono>)
shows here, on any machine; the seconds that the text takes are a figure of test/benchmark/figures.py.

usage: include_size.py COMPILER INCLUDE-FOLDER
"""
import subprocess, sys

from readme import program

ALL, OURS = 3_300_000, 550_000

compiler, include = sys.argv[1:3]
text = subprocess.run([compiler, "-std=c++20", "-E", "-I", include, "-xc++", "-"], input=program(), capture_output=True, text=True, check=True).stdout
size, ours, in_ours = 0, 0, False
for line in text.splitlines():
    if line.startswith("# "):
        in_ours = "/tenon/" in line
    else:
        size += len(line) + 1
        ours += len(line) + 1 if in_ours else 0
print(f"{size} bytes (at most {ALL}), of them {ours} in public headers of Tenon (at most {OURS})")
sys.exit(0 if 0 < ours <= OURS and size <= ALL else 1)
