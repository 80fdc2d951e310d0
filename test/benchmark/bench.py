"""Step times of Tenon and its peers, alternating in one run, as one markdown table with ratios.

usage: bench.py --tenon PROGRAM --libtorch PROGRAM [--out FILE] [--rounds 2] [--seconds 3] [--models a,b] [--peers eager,jax]
For each round and model, one process per framework. Kept are, per model and framework, the least median and the least
step of all rounds; the ratio is the best peer's median to Tenon's. Round 1 starts from empty compile caches. Machines
are noisy: only ratios taken in one run count.
"""
import argparse, json, os, shutil, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("--tenon", required=True)
parser.add_argument("--libtorch", required=True)
parser.add_argument("--out", default="build/bench/bench.json")
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--seconds", type=float, default=3.0)
parser.add_argument("--models", default="tiny_mlp_b1,mlp_b64,mlp3_b64_adam,mlp_b1024")
parser.add_argument("--peers", default="eager,compile,jax,libtorch")
parser.add_argument("--max-load", type=float, default=0.5, help="wait, five minutes at most, until the machine is this idle")
args = parser.parse_args()

out = os.path.abspath(args.out)
caches = {"TORCHINDUCTOR_CACHE_DIR": out + ".inductor", "TENON_CACHE": out + ".cache"}
env = dict(os.environ, OMP_NUM_THREADS="2", TENON_NUM_THREADS="2", **caches)
COMMANDS = {
    "tenon": ("Tenon", [args.tenon]),
    "eager": ("PyTorch eager", [sys.executable, f"{HERE}/peer_torch.py", "--modes", "eager"]),
    "compile": ("PyTorch compiled", [sys.executable, f"{HERE}/peer_torch.py", "--modes", "compile"]),
    "jax": ("JAX", [sys.executable, f"{HERE}/peer_jax.py"]),
    "libtorch": ("LibTorch C++", [args.libtorch]),
}
PEERS, MODELS = args.peers.split(","), args.models.split(",")
FRAMEWORKS = ["tenon"] + PEERS


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def wait_idle():
    end = time.time() + 300
    while os.getloadavg()[0] > args.max_load and time.time() < end:
        time.sleep(5)
    log(f"load {os.getloadavg()[0]:.2f}")


def run(framework, model):
    """One process: the line of its model, or what went wrong."""
    command = COMMANDS[framework][1] + ["--models", model, "--seconds", str(args.seconds)]
    r = subprocess.run(command, env=env, capture_output=True, text=True)
    lines = [json.loads(l) for l in r.stdout.splitlines() if l.startswith("{")]
    lines = [l for l in lines if l.get("model") == model]
    return lines[0] if lines else {"error": (r.stderr or r.stdout)[-400:]}


for folder in caches.values():
    shutil.rmtree(folder, ignore_errors=True)
os.makedirs(os.path.dirname(out), exist_ok=True)
raw, peaks = [], []
for number in range(args.rounds):
    wait_idle()
    peaks.append(json.loads(subprocess.run([args.tenon, "--peak", "2"], capture_output=True, text=True).stdout)["peak_gflops"])
    for model in MODELS:
        for framework in FRAMEWORKS:
            row = dict(run(framework, model), framework=framework, model=model, round=number + 1)
            raw.append(row)
            log(f"  round {number + 1} {model:22} {framework:9} {row.get('step_us', row.get('error'))}")
for folder in caches.values():
    shutil.rmtree(folder, ignore_errors=True)
cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
avx512 = "avx512f" in open("/proc/cpuinfo").read()
with open(out, "w") as f:
    json.dump({"cpu": cpu, "avx512": avx512, "cores": os.cpu_count(), "seconds": args.seconds, "peak_gflops": max(peaks), "raw": raw}, f, indent=1)


def best(model, framework, key):
    values = [r[key] for r in raw if r["model"] == model and r["framework"] == framework and key in r]
    return min(values) if values else None


def number(value):
    return "failed" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


print(f"{cpu}, {os.cpu_count()} cores, {'AVX-512' if avx512 else 'AVX2'}: median microseconds a step (fastest step in brackets)\n")
print("| model | " + " | ".join(COMMANDS[f][0] for f in FRAMEWORKS) + " | best peer / Tenon |")
print("|---|" + "---:|" * (len(FRAMEWORKS) + 1))
for model in MODELS:
    medians = {f: best(model, f, "step_us") for f in FRAMEWORKS}
    peers = [medians[f] for f in PEERS if medians[f]]
    ratio = f"**{min(peers) / medians['tenon']:.2f}x**" if peers and medians["tenon"] else "-"
    cells = [f"{number(medians[f])} ({number(best(model, f, 'min_us'))})" for f in FRAMEWORKS]
    print(f"| {model} | " + " | ".join(cells) + f" | {ratio} |")
print(f"\nShare of the machine's peak ({max(peaks):.0f} GFLOP/s of float32 fma, two threads, measured in this run): FLOP of contractions "
      "and convolutions / time / peak. 1 / share bounds what a better compiler could still win\n")
print("| model | MFLOP a step | least time at the peak, us | " + " | ".join(COMMANDS[f][0] for f in FRAMEWORKS) + " |")
print("|---|" + "---:|" * (len(FRAMEWORKS) + 2))
for model in MODELS:
    flop = best(model, "eager", "flop")
    if flop and max(peaks):
        times = {f: best(model, f, "step_us") for f in FRAMEWORKS}
        cells = [f"{flop / times[f] / max(peaks) / 10:.1f} %" if times[f] else "failed" for f in FRAMEWORKS]
        print(f"| {model} | {flop * 1e-6:.3g} | {number(flop / max(peaks) * 1e-3)} | " + " | ".join(cells) + " |")
print("\nFirst step, seconds: cold (round 1), and with a filled cache (least of the later rounds)\n")
print("| model | " + " | ".join(COMMANDS[f][0] for f in FRAMEWORKS) + " |")
print("|---|" + "---:|" * len(FRAMEWORKS))
for model in MODELS:
    cells = []
    for f in FRAMEWORKS:
        rows = [r["first_step_s"] for r in raw if r["model"] == model and r["framework"] == f and "first_step_s" in r]
        cells.append(f"{rows[0]:.3f} / {min(rows[1:]):.3f}" if len(rows) > 1 else f"{rows[0]:.3f}" if rows else "failed")
    print(f"| {model} | " + " | ".join(cells) + " |")
