"""Figures of steps for GPUs, measured without one: what a step launches and moves, the host's time for it on the driver of test/cuda, how long NVIDIA's compiler takes.

Kernels include checks and copies. The host's time is that of tenon_run on a driver whose kernels and copies do nothing: the best of many, inputs in the host's memory
included (200 KB of mlp_b64's are gathered in pinned memory). Bytes are those of `tenonc --emit=traffic`. Compiling cold: with NVIDIA's NVRTC where test/cuda/environment has
installed it, for PTX alone, as programs compile their own steps, and for PTX and one architecture. Cached: the first step of another process, traced, found in the cache and run; the
driver's own work (it makes machine code of PTX and keeps it too) is not in it.

usage: gpu_figures.py [BUILD-FOLDER]     (default build/release, with tenon_bench and the tests' drivers built)
"""
import glob, os, re, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "release"))
fake = os.path.join(build, "lib", "fake")
real = os.environ.get("TENON_LIBNVRTC") or next(iter(glob.glob(os.path.join(ROOT, "build", "nvrtc", "lib", "python3*", "site-packages", "nvidia", "cuda_nvrtc", "lib", "libnvrtc.so.12"))), None)

with tempfile.TemporaryDirectory() as folder:
    env = dict(os.environ, TENON_CACHE="off", TENON_LIBNVRTC=os.path.join(fake, "libnvrtc.so"), TENON_LIBCUDA=os.path.join(fake, "libcuda.so.1"), TENON_FAKE_CUDA_EXECUTE="0")

    def run(*command, **settings):
        r = subprocess.run([os.path.join(build, "bin", command[0]), *command[1:]], env=dict(env, **settings), capture_output=True, text=True)
        if r.returncode:
            sys.exit(r.stderr)
        return r.stdout

    print("| step | kernels | host us per replay | MB moved | of the least | compiled cold, s | and for sm_90, s | cached, ms |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for model in ("mlp_b64", "cnn_b64", "gpt_b16"):
        source, artifact, log = (os.path.join(folder, model + end) for end in (".mlir", ".so", ".log"))
        run("tenon_bench", "--models", model, "--seconds", "0.1", "--save", folder, TENON_CACHE=folder)
        traffic = run("tenonc", "--target=cuda", "--emit=traffic", source)
        moved = sum(float(x) for x in re.findall(r"kernels (?:read|write) +([\d.]+) MB", traffic))
        cold = []
        for target in ("cuda", "cuda:sm_90"):
            begin = time.perf_counter()
            if real:
                run("tenonc", "--target=" + target, source, "-o", artifact, TENON_LIBNVRTC=real)
            cold.append(f"{time.perf_counter() - begin:.1f}" if real else "-")
        steps = [run("tenon_bench", "--models", model, "--seconds", "0.01", TENON_CACHE=folder, TENON_TARGET="cuda") for _ in range(4)]
        cached = min(float(re.search(r'"first_step_s": ([\d.]+)', said).group(1)) for said in steps[1:]) * 1000
        run("tenonc", "--target=cuda", source, "-o", artifact)
        said = run("tenon-run", artifact, "train_step", "--device=cuda", "--repeat", "2000", TENON_FAKE_CUDA_LOG=log)
        with open(log) as f:
            text = f.read()
        kernels = text.count("\nkernel ") // 2000
        said = run("tenon-run", artifact, "train_step", "--device=cuda", "--repeat", "50000")
        best = re.search(r"best ([\d.]+ \S+)", said).group(1)
        print(f"| {model} | {kernels} | {best} | {moved:.1f} | {re.search(r'ratio +([0-9.]+)', traffic).group(1)} | {cold[0]} | {cold[1]} | {cached:.0f} |", flush=True)
