"""A program that includes <tenon/torch.h> compiles in under 3 s: the least of three compilations (processor time).

usage: compile_time.py COMPILER INCLUDE-FOLDER
"""
import os, resource, subprocess, sys, tempfile

compiler, include = sys.argv[1:3]
program = "#include <tenon/torch.h>\nint main() { torch::manual_seed(0); return torch::ones({2, 2}).sum().item<float>() == 4.0f ? 0 : 1; }\n"
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
print(f"tenon/torch.h: {min(times):.2f} s")
sys.exit(0 if min(times) < 3 else 1)
