"""The program of README.md, which includes everything public, compiles in under 3 s: the least of three compilations
(processor time, with optimisation).

usage: compile_time.py COMPILER INCLUDE-FOLDER
"""
import os, re, resource, subprocess, sys, tempfile

compiler, include = sys.argv[1:3]
root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
with open(os.path.join(root, "README.md")) as f:
    program = re.search(r"```cpp\n(.*?)```", f.read(), re.S).group(1)
program = program.replace("<tenon/tenon.h>", "<tenon/torch.h>")  # the larger of the two
with tempfile.TemporaryDirectory() as folder:
    source = os.path.join(folder, "program.cpp")
    with open(source, "w") as f:
        f.write(program)
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([compiler, "-std=c++20", "-O1", "-I", include, "-c", source, "-o", source + ".o"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
print(f"the program of README.md: {min(times):.2f} s")
sys.exit(0 if min(times) < 3 else 1)
