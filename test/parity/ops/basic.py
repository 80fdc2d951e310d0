"""The family `basic`: pointwise functions, sums, softmax, linear, and the losses with their reductions."""
import torch
import torch.nn.functional as F
from cases import Case, booleans, constant, floats, integers, labels, unit, write

X = floats(4, 7, scale=3.0)
WIDE = floats(3, 40, scale=5.0)
UNIT = unit(4, 7)
LABELS = labels(6, classes=5)
LOGITS = floats(6, 5, scale=3.0)
TARGET = constant(floats(4, 7, scale=2.0))
UNIT_TARGET = constant(UNIT)
CLASS_WEIGHT = constant(unit(5))

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
    "max": torch.max, "argmax": torch.argmax, "gt": torch.gt, "where": torch.where,
    "sum": torch.sum, "mean": torch.mean, "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
}


def cases():
    for op in POINTWISE:
        yield op, [X], {}
    yield "leaky_relu", [X], {"negative_slope": 0.2}
    yield "gelu", [X], {"approximate": "tanh"}
    for op in ("sigmoid", "tanh", "gelu", "silu"):
        yield op, [floats(5, 9, scale=40.0)], {}
    for op in POSITIVE:
        yield op, [UNIT], {}
    for op in ("softmax", "log_softmax"):
        for dim in (0, 1, -1):
            yield op, [WIDE], {"dim": dim}
        yield op, [floats(3, 6, scale=1000.0)], {"dim": 1}
        yield op, [floats(2, 3, 4, scale=2.0)], {"dim": 1}
    yield "linear", [floats(9, 33), floats(5, 33), floats(5)], {}
    yield "linear", [floats(4, 7), floats(3, 7)], {}
    yield "linear", [floats(2, 3, 7), floats(5, 7), floats(5)], {}
    yield "matmul", [floats(7, 5), floats(5, 6)], {}
    for a, b in (([2, 0, 3], [2, 3, 4]), ([2, 3, 0], [2, 0, 4]), ([0, 5], [5, 6]), ([7, 0], [0, 2])):
        yield "matmul", [floats(*a), floats(*b)], {}
    yield "linear", [floats(0, 7), floats(3, 7), floats(3)], {}
    for op in ("gelu", "exp"):
        yield op, [floats(3, 0)], {}
    for op in ("sum", "mean", "softmax"):
        yield op, [floats(0, 4)], {"dim": [1] if op != "softmax" else 1}
    yield "sum", [floats(0, 4)], {"dim": [0]}
    yield "mse_loss", [floats(0, 4), constant(floats(0, 4))], {"reduction": "sum"}
    for op in ("add", "sub", "mul"):
        yield op, [X, floats(7, scale=2.0)], {}
    yield "div", [X, unit(4, 1)], {}
    for op in ("sum", "mean"):
        yield op, [X], {}
        yield op, [X], {"dim": [1]}
        yield op, [floats(2, 3, 4, scale=2.0)], {"dim": [0, 2], "keepdim": True}
    yield "max", [X], {"dim": 1}
    yield "max", [floats(4, 7, 2, scale=3.0)], {"dim": -2, "keepdim": True}
    yield "argmax", [integers(5, 9, low=-3, high=3)], {"dim": 0}
    yield "gt", [X, floats(7, scale=2.0)], {}
    yield "where", [booleans(4, 7, p=0.3), X, floats(7)], {}
    yield Case("linear", [floats(4, 7), floats(3, 6)], refused="linear: expected an input [..., in] and a weight [out, in]")
    yield Case("cross_entropy", [LOGITS, labels(6, classes=7)], {"reduction": "mean"}, refused="a label is not in [0, 5)")
    for reduction in ("none", "mean", "sum"):
        o = {"reduction": reduction}
        yield "mse_loss", [X, TARGET], o
        yield "l1_loss", [X, TARGET], o
        yield "binary_cross_entropy", [UNIT, UNIT_TARGET], o
        yield "binary_cross_entropy_with_logits", [floats(4, 7, scale=30.0), UNIT_TARGET], o
        for op in ("cross_entropy", "nll_loss"):
            yield op, [LOGITS, LABELS], o
            yield op, [LOGITS, LABELS, CLASS_WEIGHT], o
            yield op, [LOGITS, LABELS], {**o, "ignore_index": 2}
            yield op, [LOGITS, LABELS, CLASS_WEIGHT], {**o, "ignore_index": 3}
        yield "cross_entropy", [LOGITS, LABELS], {**o, "label_smoothing": 0.1}
        yield "cross_entropy", [LOGITS, LABELS, CLASS_WEIGHT], {**o, "label_smoothing": 0.2, "ignore_index": 1}


write(__file__, OPS, cases())
