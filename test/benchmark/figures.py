"""Figures beside step times: kernels and launches, compile time, start-up, artifact size, cost of a define-by-run step.

usage: figures.py [BUILD-FOLDER]     (default build/release, with tenon_bench built)
"""
import json, os, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
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
    print("| model | kernels in launches | artifact KB (without state) | arena KB | start to first step, ms | first step cold / cached, ms | step compiled / define-by-run, us | per traced op, us |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
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
        with open(os.path.join(folder, model + ".mlir")) as f: # what a step appends: all ops but the accesses to state
            ops = len(re.findall(r"^\s+%\S+ = (?!prim\.read)(?:prim|nn)\.", f.read(), re.M))
        step, loop = min(c["step_us"] for c in cached), min(w["step_us"] for w in written)
        print(f"| {model} | {a['calls']} in {a['launches']} | {a['file_bytes'] / 1e3:.0f} ({max(a['file_bytes'] - a['state_bytes'], 0) / 1e3:.0f}) "
              f"| {a['arena_bytes'] / 1e3:.0f} | {min(times) * 1e3:.1f} | {cold['first_step_s'] * 1e3:.0f} / {min(c['first_step_s'] for c in cached) * 1e3:.1f} "
              f"| {step:.1f} / {loop:.1f} | {(loop - step) / ops:.2f} ({ops} ops) |")
