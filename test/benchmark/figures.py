"""Figures beside step times: kernels and launches, compile time, start-up, artifact size, cost of a define-by-run step; seconds that
the program of README.md takes to be built; a large model out and in as ONNX.

What tracing costs is measured on networks of growing depth and 8 columns, where there is little to compute: the difference between a
define-by-run step and its compiled form as a line over the number of traced ops. On a large model it is the difference of two large
and noisy numbers.

usage: figures.py [BUILD-FOLDER]     (default build/release, with tenon_bench and onnx_large built)
"""
import json, os, re, resource, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "walls"))
from readme import program
ROOT = os.path.dirname(os.path.dirname(HERE))
build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "release"))
bench = os.path.join(build, "bin", "tenon_bench")
MODELS = ("tiny_mlp_b1", "mlp_b64", "mlp3_b64_adam", "mlp_b1024")

with tempfile.TemporaryDirectory() as folder:
    env = dict(os.environ, TENON_CACHE=os.path.join(folder, "cache"), TENON_NUM_THREADS="2")

    def run(model, *options, seconds="1"):
        r = subprocess.run([bench, "--models", model, "--seconds", seconds, *options], env=env, capture_output=True, text=True)
        if r.returncode:
            sys.exit(r.stderr)
        return json.loads(r.stdout)

    start = os.path.join(folder, "start")
    subprocess.run(["cc", "-O2", "-I", os.path.join(ROOT, "runtime"), os.path.join(HERE, "start.c"), "-o", start, "-L", os.path.join(build, "lib"),
                    "-ltenon_runtime", "-Wl,-rpath," + os.path.join(build, "lib")], check=True)
    print("| model | kernels in launches | artifact KB (without state) | arena KB | start to first step, ms | first step cold / cached, ms | step compiled / define-by-run, us |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for model in MODELS:
        shutil.rmtree(env["TENON_CACHE"], ignore_errors=True)
        cold = run(model, "--save", folder, seconds="0.2")
        cached = [run(model) for _ in range(3)]
        written = [run(model, "--mode", "define-by-run") for _ in range(4)][1:]
        artifact, times = os.path.join(folder, model + ".so"), []
        for _ in range(20):
            t = time.perf_counter()
            r = subprocess.run([start, artifact], env=env, capture_output=True, text=True, check=True)
            times.append(time.perf_counter() - t)
        a = json.loads(r.stdout)
        step, loop = min(c["step_us"] for c in cached), min(w["step_us"] for w in written)
        print(f"| {model} | {a['calls']} in {a['launches']} | {a['file_bytes'] / 1e3:.0f} ({max(a['file_bytes'] - a['state_bytes'], 0) / 1e3:.0f}) "
              f"| {a['arena_bytes'] / 1e3:.0f} | {min(times) * 1e3:.1f} | {cold['first_step_s'] * 1e3:.0f} / {min(c['first_step_s'] for c in cached) * 1e3:.1f} "
              f"| {step:.1f} / {loop:.1f} |")

    def line(points): # least squares: slope, value at 0
        x0, y0 = (sum(c) / len(points) for c in zip(*points))
        slope = sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)
        return slope, y0 - slope * x0

    # An optimizer is one op over all parameters, so growing networks read and write more state per op: both slopes are given.
    print("\n| optimizer | traced ops + accesses to state: define-by-run above compiled, us | us per op or access | us per op | us per step, nothing traced |")
    print("|---|---|---:|---:|---:|")
    for kind in ("", "_adam"):
        points = []
        for layers in (1, 2, 4, 8, 16):
            model = f"depth_{layers}{kind}"
            step = min([run(model, "--save", folder, seconds="0.3")["step_us"]] + [run(model, seconds="0.3")["step_us"] for _ in range(2)])
            loop = min(run(model, "--mode", "define-by-run", seconds="0.3")["step_us"] for _ in range(4))
            with open(os.path.join(folder, model + ".mlir")) as f:
                text = f.read()
            accesses = len(re.findall(r"prim\.(?:read|write) ", text))
            points.append((len(re.findall(r"^\s+%\S+ = (?!prim\.read)(?:prim|nn)\.", text, re.M)), accesses, loop - step))
        all, fixed = line([(o + a, t) for o, a, t in points])
        print(f"| {'Adam' if kind else 'SGD'} | {', '.join(f'{o} + {a}: {t:.1f}' for o, a, t in points)} | {all:.2f} | {line([(o, t) for o, _, t in points])[0]:.2f} | {fixed:.1f} |")

    # Processor time, so that a busy machine changes it less.
    source, times = os.path.join(folder, "program.cpp"), []
    with open(source, "w") as f:
        f.write(program())
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["clang++-22", "-std=c++20", "-O1", "-I", os.path.join(build, "include"), "-c", source, "-o", source + ".o"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    print(f"\nthe program of README.md compiles in {min(times):.2f} s")
    for _ in range(3):
        print(subprocess.run([os.path.join(build, "bin", "onnx_large")], env=env, capture_output=True, text=True, check=True).stdout.strip())
