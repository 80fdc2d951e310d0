"""Makes FAMILY.json of a family of ops from PyTorch: outputs, gradients and second derivatives of every case.

A family is a script that ends with `write(__file__, OPS, cases())`. OPS: name -> callable(*inputs, **options), which
returns a tensor or a tuple or list of them. A case is `Case(op, inputs, options)`, or the tuple of the three.

Inputs are filled from Sequence(7), one after the other, by what describes them:
    floats(2, 3, scale=3.0)                  float, in [-scale, scale); offset=o is added
    unit(2, 3)                               float, in [0.05, 0.95)
    labels(6, classes=5)                     int64, in [0, classes)
    integers(2, 3, low=-4, high=4)           int64 in [low, high); dtype="int32", or "float": floats with ties
    booleans(2, 3, p=0.5)                    bool, true with probability p
    values([1, 2], [0.5, -0.5])              float of that shape and those numbers; dtype="int64", "int32", "bool"
    constant(floats(2, 3))                   no gradient is taken
A "float" is float64, and float32 in a second run unless the case says f32=False.

Then come v_k of the shape of each output that has a gradient and u_i of each input's that takes one, from the same sequence:
    outputs,   gradients g_i = d sum_k sum(output_k v_k) / d input_i,   second_i = d sum_j sum(g_j u_j) / d input_i
second=False leaves the last out (PyTorch has none). refused="text": Tenon refuses the case with an error that contains the
text, whatever PyTorch does. A tensor of at most SAMPLES elements is stored whole, a larger one as that many elements, evenly
spread, and two projections on numbers of Sequence(11); its largest magnitude is stored too, for the tolerance.
"""
import json, math, os, sys
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import torch
from sequence import Sequence

SAMPLES = 16
DTYPES = {"float": torch.float64, "int64": torch.int64, "int32": torch.int32, "bool": torch.bool}
NAMES = {torch.float64: "float", torch.int64: "int64", torch.int32: "int32", torch.bool: "bool"}


def floats(*shape, scale=1.0, offset=0.0):
    return {"shape": list(shape), "scale": scale, **({"offset": offset} if offset else {})}


def unit(*shape):
    return floats(*shape, scale=0.45, offset=0.5)


def integers(*shape, low, high, dtype="int64"):
    return {"shape": list(shape), "integers": [low, high], **({"dtype": dtype} if dtype != "int64" else {})}


def labels(*shape, classes):
    return integers(*shape, low=0, high=classes)


def booleans(*shape, p=0.5):
    return {"shape": list(shape), "bool": p, "dtype": "bool"}


def values(shape, numbers, dtype="float"):
    numbers = [x if math.isfinite(x) else str(float(x)) for x in numbers]  # "inf", "-inf", "nan": JSON has no such numbers
    return {"shape": list(shape), "values": numbers, **({"dtype": dtype} if dtype != "float" else {})}


def constant(spec):
    return {**spec, "constant": True}


@dataclass
class Case:
    op: str
    inputs: list
    options: dict = field(default_factory=dict)
    second: bool = True
    refused: str = None
    f32: bool = True


def make(spec, sequence):
    shape, n = spec["shape"], math.prod(spec["shape"])
    if "scale" in spec:
        return sequence.tensor(shape, spec["scale"]) + spec.get("offset", 0.0)
    if "integers" in spec:
        low, high = spec["integers"]
        numbers = [low + int(sequence.next() * (high - low)) for _ in range(n)]
        return torch.tensor(numbers, dtype=DTYPES[spec.get("dtype", "int64")]).reshape(shape)
    if "bool" in spec:
        return torch.tensor([sequence.next() < spec["bool"] for _ in range(n)], dtype=torch.bool).reshape(shape)
    return torch.tensor([float(x) for x in spec["values"]], dtype=torch.float64).to(DTYPES[spec.get("dtype", "float")]).reshape(shape)


def number(x):
    return f"{x:.12g}" if math.isfinite(x) else '"%s"' % ("nan" if x != x else "inf" if x > 0 else "-inf")


def summary(t):
    """One tensor as JSON text."""
    t = t.detach()
    text = '{"shape": %s' % json.dumps(list(t.shape))
    if t.dtype != torch.float64:
        text += ', "dtype": "%s"' % NAMES[t.dtype]
    flat = t.to(torch.float64).flatten().tolist()
    finite = [x if math.isfinite(x) else 0.0 for x in flat]
    n = len(flat)
    chosen = range(n) if n <= SAMPLES else [i * (n - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    if n > SAMPLES:
        sequence = Sequence(11)
        projections = [math.fsum(x * (2 * sequence.next() - 1) for x in finite) for _ in range(2)]
        text += ', "largest": %s, "projections": [%s]' % (number(max(map(abs, finite))), ", ".join(map(number, projections)))
    return text + ', "values": [%s]}' % ", ".join(number(flat[i]) for i in chosen)


def record(ops, case):
    head = {"op": case.op, "inputs": case.inputs, "options": case.options}
    if not case.f32:
        head["f32"] = False
    if case.refused is not None:
        return json.dumps({**head, "refused": case.refused})
    sequence = Sequence(7)
    inputs = [make(spec, sequence) for spec in case.inputs]
    wrt = [t.requires_grad_() for spec, t in zip(case.inputs, inputs) if t.is_floating_point() and "constant" not in spec]
    outputs = ops[case.op](*inputs, **case.options)
    outputs = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
    groups = {"outputs": outputs}
    differentiable = [y for y in outputs if y.requires_grad]
    if differentiable:
        total = sum((y * sequence.tensor(list(y.shape))).sum() for y in differentiable)
        u = [sequence.tensor(list(t.shape)) for t in wrt]
        zero = lambda gs: [torch.zeros_like(t) if g is None else torch.zeros_like(t) + g for g, t in zip(gs, wrt)]
        gradients = zero(torch.autograd.grad(total, wrt, create_graph=case.second, allow_unused=True))
        groups["gradients"] = gradients
        if case.second:
            total = sum((g * w).sum() for g, w in zip(gradients, u))
            groups["second"] = zero(torch.autograd.grad(total, wrt, allow_unused=True) if total.requires_grad else [None] * len(wrt))
    text = json.dumps(head)[:-1]
    for name, tensors in groups.items():
        text += ', "%s": [%s]' % (name, ", ".join(map(summary, tensors)))
    return text + "}"


def write(script, ops, cases):
    cases = [c if isinstance(c, Case) else Case(*c) for c in cases]
    lines = []
    for case in cases:
        try:
            lines.append(record(ops, case))
        except Exception as error:
            raise SystemExit(f"{case}: {error}")
    path = os.path.splitext(os.path.abspath(script))[0] + ".json"
    with open(path, "w") as f:
        f.write('{"torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(lines)))
    print(f"{os.path.basename(path)}: {len(lines)} cases, {os.path.getsize(path) // 1024} KiB")
