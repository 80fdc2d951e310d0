"""PyTorch's values, gradients and second derivatives of single ops, written to ops.json.

usage: ops.py     (PyTorch 2.13)

A case takes its inputs from Sequence(7): `shape` and `scale` (numbers in [-scale, scale)), or `unit` (numbers in
[0.05, 0.95)), or `labels` (0 .. labels - 1). Then weights v of the output's shape and u_i of each floating input's:
    output,   gradients g_i = d sum(output v) / d input_i,   second_i = d sum_j sum(g_j u_j) / d input_i
"""
import json, os
import torch
import torch.nn.functional as F
from sequence import Sequence

X = {"shape": [4, 7], "scale": 3.0}
WIDE = {"shape": [3, 40], "scale": 5.0}
UNIT = {"shape": [4, 7], "unit": True}
LABELS = {"shape": [6], "labels": 5}
LOGITS = {"shape": [6, 5], "scale": 3.0}
TARGET = {"shape": [4, 7], "scale": 2.0, "constant": True}
UNIT_TARGET = {"shape": [4, 7], "unit": True, "constant": True}
CLASS_WEIGHT = {"shape": [5], "unit": True, "constant": True}

POINTWISE = {
    "relu": F.relu, "leaky_relu": F.leaky_relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "gelu": F.gelu, "silu": F.silu,
    "exp": torch.exp, "expm1": torch.expm1, "sin": torch.sin, "cos": torch.cos, "erf": torch.erf, "abs": torch.abs,
}
POSITIVE = {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt}
OPS = {
    **POINTWISE, **POSITIVE,
    "softmax": F.softmax, "log_softmax": F.log_softmax, "linear": F.linear, "matmul": torch.matmul,
    "mse_loss": F.mse_loss, "l1_loss": F.l1_loss, "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": lambda x, y, w=None, **o: F.cross_entropy(x, y, weight=w, **o),
    "nll_loss": lambda x, y, w=None, **o: F.nll_loss(F.log_softmax(x, 1), y, weight=w, **o),
    "sum": torch.sum, "mean": torch.mean, "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
}


def cases():
    for op in POINTWISE:
        yield op, [X], {}
    yield "leaky_relu", [X], {"negative_slope": 0.2}
    yield "gelu", [X], {"approximate": "tanh"}
    for op in ("sigmoid", "tanh", "gelu", "silu"):
        yield op, [{"shape": [5, 9], "scale": 40.0}], {}
    for op in POSITIVE:
        yield op, [UNIT], {}
    for op in ("softmax", "log_softmax"):
        for dim in (0, 1, -1):
            yield op, [WIDE], {"dim": dim}
        yield op, [{"shape": [3, 6], "scale": 1000.0}], {"dim": 1}
        yield op, [{"shape": [2, 3, 4], "scale": 2.0}], {"dim": 1}
    yield "linear", [{"shape": [9, 33], "scale": 1.0}, {"shape": [5, 33], "scale": 1.0}, {"shape": [5], "scale": 1.0}], {}
    yield "linear", [{"shape": [4, 7], "scale": 1.0}, {"shape": [3, 7], "scale": 1.0}], {}
    yield "linear", [{"shape": [2, 3, 7], "scale": 1.0}, {"shape": [5, 7], "scale": 1.0}, {"shape": [5], "scale": 1.0}], {}
    yield "matmul", [{"shape": [7, 5], "scale": 1.0}, {"shape": [5, 6], "scale": 1.0}], {}
    for op in ("add", "sub", "mul"):
        yield op, [X, {"shape": [7], "scale": 2.0}], {}
    yield "div", [X, {"shape": [4, 1], "unit": True}], {}
    for op in ("sum", "mean"):
        yield op, [X], {}
        yield op, [X], {"dim": [1]}
        yield op, [{"shape": [2, 3, 4], "scale": 2.0}], {"dim": [0, 2], "keepdim": True}
    for reduction in ("none", "mean", "sum"):
        o = {"reduction": reduction}
        yield "mse_loss", [X, TARGET], o
        yield "l1_loss", [X, TARGET], o
        yield "binary_cross_entropy", [UNIT, UNIT_TARGET], o
        yield "binary_cross_entropy_with_logits", [{"shape": [4, 7], "scale": 30.0}, UNIT_TARGET], o
        for op in ("cross_entropy", "nll_loss"):
            yield op, [LOGITS, LABELS], o
            yield op, [LOGITS, LABELS, CLASS_WEIGHT], o
            yield op, [LOGITS, LABELS], {**o, "ignore_index": 2}
            yield op, [LOGITS, LABELS, CLASS_WEIGHT], {**o, "ignore_index": 3}
        yield "cross_entropy", [LOGITS, LABELS], {**o, "label_smoothing": 0.1}
        yield "cross_entropy", [LOGITS, LABELS, CLASS_WEIGHT], {**o, "label_smoothing": 0.2, "ignore_index": 1}


def record(op, specs, options):
    sequence, inputs, wrt = Sequence(7), [], []
    for spec in specs:
        if "labels" in spec:
            inputs.append(sequence.labels(spec["shape"][0], spec["labels"]))
            continue
        t = sequence.tensor(spec["shape"], 0.45) + 0.5 if "unit" in spec else sequence.tensor(spec["shape"], spec["scale"])
        inputs.append(t)
        if "constant" not in spec:
            wrt.append(t.requires_grad_())
    output = OPS[op](*inputs, **options)
    v = sequence.tensor(list(output.shape))
    u = [sequence.tensor(list(t.shape)) for t in wrt]
    gradients = torch.autograd.grad((output * v).sum(), wrt, create_graph=True)
    total = sum((g * w).sum() for g, w in zip(gradients, u))
    second = torch.autograd.grad(total, wrt, allow_unused=True) if total.requires_grad else [None] * len(wrt)
    flat = lambda t, like: (torch.zeros_like(like) if t is None else torch.zeros_like(like) + t).detach().flatten().tolist()
    return {"op": op, "inputs": specs, "options": options, "shape": list(output.shape), "output": flat(output, output),
            "gradients": [flat(g, t) for g, t in zip(gradients, wrt)], "second": [flat(s, t) for s, t in zip(second, wrt)]}


class Number(float):
    def __repr__(self):
        return f"{float(self):.13g}"


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    round_all = lambda x: [round_all(v) for v in x] if isinstance(x, list) else Number(x)
    lines = []
    for case in cases():
        r = record(*case)
        numbers = {k: r.pop(k) for k in ("output", "gradients", "second")}
        text = json.dumps(r)[:-1]
        for key, values in numbers.items():
            text += f', "{key}": ' + repr(round_all(values)).replace("'", "")
        lines.append(text + "}")
    with open(os.path.join(here, "ops.json"), "w") as f:
        f.write('{"torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(lines)))
    print(len(lines), "cases")
