#!/usr/bin/env python3
"""Plants bugs one at a time, in the kernels of a few programs and in what the runtime asks of the driver, and runs each without a GPU: every bug must be seen.

run.py BUILD: the build folder, with tenonc, unit_cuda and the fakes. A bug is seen where `tenonc --verify` (or the unit test) ends otherwise than without it: other numbers than
the reference evaluator's, another message, a race, an access out of bounds or a deadlock that the host form finds. All bugs of a program's kernels are compiled together: the
kernel with bug 7 is bug7_k3, and $TENON_FAKE_CUDA_MUTANT=bug7_ makes the driver take it.
"""
import concurrent.futures
import ctypes
import os
import re
import subprocess
import sys
import tempfile

import bugs

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
# The order of threads, and what fresh memory holds: one after the other until the bug is seen.
SCHEDULES = [("reverse", "255"), ("greedy", "0"), ("random:7", "255"), ("forward", "255")]
SEEDS = range(1, 33)  # of the order of a graph's nodes
KERNEL = re.compile(r"(?:^//[^\n]*\n)?^TENON_KERNEL\(\d+\) (\w+)\(.*?^TENON_EXPORT\w*\(\1[,)][^\n]*\n", re.M | re.S)
PART = re.compile(r"^//[^\n]*\nTENON_INLINE void (\w+_part)\(.*?^}\n", re.M | re.S)  # of kernels that are launched together


def run(command, **more):
    """What a command prints; where it fails, its status and the last line that it says."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TENON_FAKE", "TENON_HOST_SCH"))}
    clean |= {"TENON_LIBNVRTC": BUILD + "/lib/fake/libnvrtc.so", "TENON_LIBCUDA": BUILD + "/lib/fake/libcuda.so.1", "TENON_CACHE": "off"} | more
    try:
        done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=100)
    except subprocess.TimeoutExpired:
        return "it does not end"
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"{done.returncode}: {lines[-1] if lines else ''}" if done.returncode else done.stdout


def tenonc(program, *arguments, **more):
    return run([BUILD + "/bin/tenonc", "--target=cuda:sm_90", *arguments, f"{HERE}/{program}.mlir"], **more)


def verify(program, folder, name, schedule=SCHEDULES[0], **more):
    return tenonc(program, "--verify", "-o", f"{folder}/{name or program}.artifact", TENON_HOST_SCHEDULE=schedule[0], TENON_FAKE_CUDA_POISON=schedule[1],
                  TENON_FAKE_NVRTC_LIBRARY=f"{folder}/{program}.so", **more)


class Bug:
    """name; trials() yields what is said under one schedule or seed after the other; text: its kernel, if it is in one."""

    def __init__(self, program, what, trials, text=""):
        self.program, self.what, self.trials, self.text = program, what, trials, text


def replaced(text, pattern, replacement, which=0):
    """text with an occurrence of the pattern (None: all) replaced; None: there is none."""
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    for m in reversed(found if which is None else [found[which]]):
        text = text[:m.start()] + (replacement(m) if callable(replacement) else m.expand(replacement)) + text[m.end():]
    return text


def in_kernels(texts, folder):
    """The bugs of the tables, and messages about those that found no place."""
    made, missing = [], []
    for prelude, entries in ((False, bugs.KERNELS), (True, bugs.PRELUDE)):
        for program, kernel, what, *change in entries:
            text, prefix = texts[program], f"bug{len(made)}_"
            kernels = list(KERNEL.finditer(text))
            parts = sorted([m for m in kernels if not m[1].startswith("tenon_")] + list(PART.finditer(text)), key=lambda m: m.start())
            about = lambda m: re.split("TENON_KERNEL|TENON_INLINE", m[0])[0]
            chosen = next((m for m in kernels if m[1] == kernel), None) or next((m for m in parts if re.search(kernel, about(m))), None)
            original = KERNEL.sub("", text[:parts[0].start()]) if prelude else chosen[0] if chosen else ""
            changed = replaced(original, *change)
            if not chosen or changed is None or changed == original:
                missing.append(f"{program}: {what}: {change[0] + ' is not in the kernel' if chosen else 'there is no kernel'} {kernel}")
                continue
            body = changed + (chosen[0] if prelude else "") + "".join(m[0] for m in kernels if chosen[1] + "(" in m[0] and m[1] != chosen[1])
            body = re.sub(r"(TENON_KERNEL\(\d+\) |TENON_EXPORT\w*\()(\w+)", rf"\1{prefix}\2", body)
            trials = lambda program=program, prefix=prefix: ((s[0], verify(program, folder, prefix, s, TENON_FAKE_CUDA_MUTANT=prefix)) for s in SCHEDULES)
            made.append(Bug(program, what, trials, f"namespace {prefix} {{\n{body}}}\n"))
    return made, missing


def in_runtime(folder):
    """Calls and edges that the driver leaves out, as if the runtime had not asked for them."""
    def bug(program, what, dropped):
        name = f"{program}-{dropped.replace(':', '')}"
        return Bug(program, what, lambda: ((f"seed {n}", verify(program, folder, name, TENON_FAKE_CUDA_DROP=dropped, TENON_FAKE_CUDA_SEED=str(n))) for n in SEEDS))

    for program in bugs.GRAPHS:
        verify(program, folder, program + "-log", TENON_FAKE_CUDA_LOG=f"{folder}/{program}.log")
        log = open(f"{folder}/{program}.log").read().splitlines()
        edges = int(next(re.search(r"(\d+) edges", line)[1] for line in log if line.startswith("graph of")))
        yield from (bug(program, f"edge {n} of its graph is missing", f"edge:{n}") for n in range(edges))
        before = log[:log.index("graph launch")].count("wait")
        yield bug(program, "the state has not arrived when the graph begins", f"cuStreamSynchronize:{before - 1}")
        yield bug(program, "the outputs have not arrived when the run ends", f"cuStreamSynchronize:{before}")
    for test, dropped in bugs.WAITS:
        yield Bug("unit_cuda", f"{test} without {dropped}", lambda test=test, dropped=dropped: [("", run([BUILD + "/bin/unit_cuda", "--gtest_brief=1", "--gtest_filter=" + test], TENON_FAKE_CUDA_DROP=dropped))])


def library(text, path):
    """What the fake NVRTC makes of a text, as a file; its log where it fails."""
    os.environ["TENON_FAKE_NVRTC_WATCH"] = "1"
    nvrtc, program, size = ctypes.CDLL(BUILD + "/lib/fake/libnvrtc.so"), ctypes.c_void_p(), ctypes.c_size_t()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"", 0, None, None)
    options = (ctypes.c_char_p * 1)(b"--gpu-architecture=sm_90")
    failed = nvrtc.nvrtcCompileProgram(program, 1, options)
    (nvrtc.nvrtcGetProgramLogSize if failed else nvrtc.nvrtcGetCUBINSize)(program, ctypes.byref(size))
    data = ctypes.create_string_buffer(size.value)
    (nvrtc.nvrtcGetProgramLog if failed else nvrtc.nvrtcGetCUBIN)(program, data)
    if not failed:
        open(path, "wb").write(data.raw[:-24])  # without what the fake NVRTC adds
    return data.value.decode() if failed else ""


def main():
    programs = sorted({e[0] for e in bugs.KERNELS})
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool, concurrent.futures.ProcessPoolExecutor(2) as compilers:
        texts = dict(zip(programs, pool.map(lambda p: tenonc(p, "--emit=cuda"), programs)))
        made, problems = in_kernels(texts, folder)
        whole = [texts[p] + "".join(b.text for b in made if b.program == p) for p in programs]
        problems += [p + ": " + log for p, log in zip(programs, compilers.map(library, whole, [f"{folder}/{p}.so" for p in programs])) if log]
        sound = {}
        if not problems:
            sound = dict(zip(programs, pool.map(lambda p: {verify(p, folder, "", s) for s in SCHEDULES}, programs)))
            problems += [f"{p}: without a bug: {said}" for p, said in sound.items() if len(said) != 1 or (p in bugs.REFUSED) != any(said)]
        if not problems:
            made += in_runtime(folder)
            seen = lambda b: next((how for how in b.trials() if how[1] not in sound.get(b.program, {}) and (b.text or how[1][:2] != "0:")), None)
            results = list(pool.map(seen, made))
            for bug, how in zip(made, results):
                print(f"{bug.program:12} {bug.what:72} {how[0] + ': ' + how[1][:110] if how else 'NOT SEEN'}")
            problems = [f"{b.program}: {b.what}: not seen" for b, how in zip(made, results) if not how]
            print(f"{len(made) - len(problems)} of {len(made)} caught")
    print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
