"""Runs exported models with ONNX Runtime and compares with the numbers beside them.

usage: run.py FOLDER      every FOLDER/NAME.json: {"model", "inputs": [tensor...], "outputs": [tensor...], "tolerance"}
or {"model", "batches": [[tensor...]...], "losses": [...], "tolerance"}: a training step, run once for every loss on the batches in turn; what it gives as
"new/NAME" goes in as NAME the next time.
A tensor is {"name", "type", "shape", "data"}. One line per case: "NAME ok", "NAME kernel: ..." (the runtime has no kernel for an op of these types)
or "NAME wrong: ...". Exit status 1 where one is wrong.
"""
import glob, json, os, sys
import numpy as np
import onnxruntime as ort

ort.set_default_logger_severity(4)


def tensor(t):
    values = [float(v) if isinstance(v, str) else v for v in t["data"]]
    return np.array(values, dtype=t["type"]).reshape(t["shape"])


def difference(wanted, got, tolerance):
    if wanted.shape != got.shape or wanted.dtype != got.dtype:
        return f"expected {wanted.dtype}{list(wanted.shape)}, got {got.dtype}{list(got.shape)}"
    if wanted.size == 0:
        return ""
    if wanted.dtype.kind != "f":
        return "" if (wanted == got).all() else f"expected {wanted.ravel()[:8]}, got {got.ravel()[:8]}"
    finite = np.isfinite(wanted)
    same = np.where(finite, np.abs(wanted - got) <= tolerance * max(1.0, np.abs(wanted[finite]).max(initial=0)), (wanted == got) | (np.isnan(wanted) & np.isnan(got)))
    return "" if same.all() else f"expected {wanted[~same][:4]}, got {got[~same][:4]}"


def train(session, case):
    names, state = [o.name for o in session.get_outputs()], {}
    for step, wanted in enumerate(case["losses"]):
        feeds = {t["name"]: tensor(t) for t in case["batches"][step % len(case["batches"])]}
        got = dict(zip(names, session.run(None, {**feeds, **state})))
        loss = float(got[names[0]])
        if not abs(loss - wanted) <= case["tolerance"] * max(1.0, abs(wanted)):
            return f"wrong: step {step}: expected a loss of {wanted}, got {loss}"
        state = {name[4:]: value for name, value in got.items() if name.startswith("new/")}
    return "ok"


def run(case):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = ort.InferenceSession(case["model"], options, providers=["CPUExecutionProvider"])
        if "losses" in case:
            return train(session, case)
        feeds = {t["name"]: tensor(t) for t in case["inputs"]}
        got = session.run(None, feeds)
    except Exception as e:
        text = str(e).replace("\n", " ")
        return ("kernel: " if "NOT_IMPLEMENTED" in text or "Could not find an implementation" in text or "does not support double" in text else "wrong: ") + text[:300]
    names = {o.name: g for o, g in zip(session.get_outputs(), got)}
    for t in case["outputs"]:
        if said := difference(tensor(t), names[t["name"]], case["tolerance"]):
            return f"wrong: {t['name']}: {said}"
    return "ok"


bad = False
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json"))):
    with open(path) as f:
        said = run(json.load(f))
    bad |= said.startswith("wrong")
    print(os.path.basename(path)[:-5], said, flush=True)
sys.exit(1 if bad else 0)
