"""The family `composed`: functions that are a few lines of others, and ATen's names of functions that have options elsewhere."""
import torch
import torch.nn.functional as F
from cases import Case, booleans, constant, floats, integers, labels, unit, values, write

X, Y, W = floats(4, 5), floats(4, 5), floats(3, 6, scale=4.0)
zeros = lambda *shape: values(list(shape), [0.0] * torch.Size(shape).numel())


def put(x, v, i, accumulate):
    return x.index_put((torch.tensor(i),), v, accumulate)


OPS = {
    "norm": lambda x, p, dim=None, keepdim=False: torch.norm(x, float(p)) if dim is None else torch.norm(x, float(p), dim, keepdim), "dist": torch.dist,
    "cdist": lambda a, b, p: torch.cdist(a, b, float(p)), "pairwise_distance": F.pairwise_distance, "diff": torch.diff, "rot90": lambda x, k, dims: torch.rot90(x, k, dims),
    "tensor_split": torch.tensor_split, "unfold": lambda x, dim, size, step: x.unfold(dim, size, step), "sinc": torch.sinc, "copysign": torch.copysign, "isclose": torch.isclose,
    "nansum": torch.nansum, "nanmean": torch.nanmean, "quantile": lambda x, q, **o: torch.quantile(x, torch.tensor(q, dtype=x.dtype), **o),
    "broadcast_tensors": lambda *x: torch.broadcast_tensors(*x), "cartesian_prod": lambda *x: torch.cartesian_prod(*x), "column_stack": lambda *x: torch.column_stack(x),
    "cov": lambda x, correction: torch.cov(x, correction=correction), "mod": lambda a, b: a % b, "xor": lambda a, b: a ^ b, "fill_diagonal": lambda x: (x * 1).fill_diagonal_(2.5),
    "index_put": put, "softmax": lambda x, dim: torch.softmax(x.to(torch.float32), dim, torch.float64), "hann_window": lambda x, n, periodic: x[:0].sum() + torch.hann_window(n, periodic, dtype=x.dtype),
    "elu": lambda x, alpha: F.elu(x, alpha), "celu": lambda x, alpha: F.celu(x, alpha), "selu": F.selu, "hardtanh": F.hardtanh, "softplus": F.softplus, "glu": F.glu, "threshold": F.threshold, "mish": F.mish,
    "log_sigmoid": F.logsigmoid, "hardswish": F.hardswish, "hardsigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1),  # PyTorch's own has 1/6 in float32
    "relu6": F.relu6, "hardshrink": F.hardshrink, "softshrink": F.softshrink, "prelu": F.prelu,
    "smooth_l1_loss": lambda a, b, beta: F.smooth_l1_loss(a, b, beta=beta), "huber_loss": lambda a, b, delta: F.huber_loss(a, b, delta=delta), "kl_div": lambda a, b, log_target: F.kl_div(a, b, log_target=log_target),
    "triplet_margin_loss": lambda a, p, n, margin: F.triplet_margin_loss(a, p, n, margin), "cosine_similarity": F.cosine_similarity, "bilinear": F.bilinear,
    "in_place": lambda x, name: getattr(x * 1, name + "_")(), "in_place2": lambda x, y, name: getattr(x * 1, name + "_")(y),
}


def cases():
    # Derivatives at zero are zero: PyTorch's second ones are not all defined there.
    for p in (1.0, 2.0, 3.0):
        yield Case("norm", [zeros(4)], {"p": p}, second=False)
        yield "norm", [X], {"p": p, "dim": [1], "keepdim": True}
        yield Case("cdist", [floats(2, 4, 3), floats(2, 5, 3)], {"p": p}, second=False)
    yield Case("norm", [values([2, 3], [0, 0, 0, 1, -2, 0.5])], {"p": 2.0, "dim": [1]}, second=False)
    yield Case("norm", [values([2, 3], [0, 0, 0, 1, -2, 0.5])], {"p": 3.0, "dim": [1]}, second=False)
    yield Case("dist", [X, Y], {"p": 3})
    yield Case("dist", [values([3], [1, 2, 3]), values([3], [1, 2, 3])], {"p": 2}, second=False)
    yield "pairwise_distance", [X, Y], {"p": 1.5}
    yield "diff", [X], {}
    yield "diff", [X], {"n": 2, "dim": 0}
    yield "diff", [booleans(3, 6)], {}
    yield "diff", [X], {"n": 9}
    for k in (0, 1, 2, 3, -1):
        yield "rot90", [floats(2, 3, 4)], {"k": k, "dims": [0, 2]}
    yield "tensor_split", [floats(7, 2)], {"sections": 3, "dim": 0}
    yield "tensor_split", [floats(2, 2)], {"sections": 4, "dim": -1}
    yield "unfold", [floats(9)], {"dim": 0, "size": 3, "step": 2}
    yield "unfold", [floats(3, 7, 2)], {"dim": 1, "size": 3, "step": 1}
    yield "unfold", [floats(3, 7, 2)], {"dim": -2, "size": 2, "step": 5}
    yield Case("sinc", [values([5], [0.5, -1.5, 0.25, 2.0, -0.125])])
    yield Case("sinc", [values([3], [0, 1e-3, 1])], second=False)
    yield "copysign", [X, constant(Y)], {}
    yield "copysign", [values([4], [1, -2, 3, -4]), constant(values([4], [0.0, -0.0, float("-inf"), 5.0]))], {}
    yield "isclose", [values([5], [1, 2, float("inf"), float("nan"), 1e-9]), values([5], [1.000001, 2.1, float("inf"), float("nan"), 0])], {}
    N = values([2, 3], [1, float("nan"), 3, float("nan"), 5, 6])
    yield Case("nansum", [N], {"dim": [1]}, second=False)
    yield Case("nanmean", [N], {"dim": [0], "keepdim": True}, second=False)
    for q, o in [(0.3, {}), (0.5, {"dim": 1}), ([0.0, 0.25, 1.0], {"dim": 0, "keepdim": True}), ([0.1, 0.9], {"dim": -1}), ([0.6], {}), ([0.2, 0.4], {"keepdim": True})]:
        yield Case("quantile", [X], {"q": q, **o}, second=False, f32=False)
    yield Case("quantile", [constant(N)], {"q": 0.5, "dim": 1}, second=False)
    yield "broadcast_tensors", [floats(3, 1), floats(4), floats(2, 1, 1)], {}
    yield "cartesian_prod", [floats(3), floats(2), floats(2)], {}
    yield "column_stack", [floats(3), floats(3, 2), floats(3)], {}
    yield "cov", [X], {"correction": 1}
    yield "cov", [floats(6)], {"correction": 0}
    yield "mod", [integers(4, 5, low=-9, high=9), integers(5, low=1, high=5)], {}
    yield "mod", [X, constant(unit(5))], {}
    yield "xor", [integers(4, low=0, high=9), integers(4, low=0, high=9)], {}
    yield "xor", [booleans(6), booleans(6)], {}
    yield "fill_diagonal", [floats(3, 3)], {}
    yield "index_put", [floats(5, 2), floats(3, 2)], {"i": [4, 0, 2], "accumulate": False}
    yield "index_put", [floats(5, 2), floats(3, 2)], {"i": [1, 0, 1], "accumulate": True}
    yield Case("softmax", [X], {"dim": 0}, second=False, f32=False)
    for n, periodic in [(8, True), (7, False), (1, True)]:
        yield "hann_window", [floats(2)], {"n": n, "periodic": periodic}
    yield "elu", [W], {"alpha": 0.7}
    yield "celu", [W], {"alpha": 0.5}
    yield "hardtanh", [W], {"min_val": -0.5, "max_val": 2.0}
    yield "softplus", [W], {"beta": 2.0, "threshold": 3.0}
    yield "glu", [W], {"dim": 1}
    yield "threshold", [W], {"threshold": 0.5, "value": -1.0}
    for op in ("selu", "mish", "log_sigmoid", "hardswish", "hardsigmoid", "relu6"):
        yield op, [W], {}
    yield "hardshrink", [W], {"lambd": 1.0}
    yield "softshrink", [W], {"lambd": 1.0}
    yield "prelu", [W, floats(6)], {}
    yield "smooth_l1_loss", [W, floats(3, 6)], {"beta": 2.0}
    yield "huber_loss", [W, floats(3, 6)], {"delta": 2.0}
    yield "kl_div", [X, unit(4, 5)], {"log_target": False}
    yield "kl_div", [X, Y], {"log_target": True}
    yield "triplet_margin_loss", [X, Y, floats(4, 5)], {"margin": 0.5}
    yield "cosine_similarity", [X, Y], {"dim": 0}
    yield "bilinear", [floats(4, 3), floats(4, 2), floats(5, 3, 2), floats(5)], {}
    for name in ("sin", "tanh", "sigmoid", "abs", "square", "exp2", "erf", "frac"):
        yield "in_place", [X], {"name": name}
    for name in ("log", "rsqrt", "reciprocal"):
        yield "in_place", [unit(4, 5)], {"name": name}
    for name in ("mul", "remainder", "atan2", "hypot"):
        yield "in_place2", [X, constant(unit(5)) if name == "remainder" else unit(5)], {"name": name}
    yield "in_place2", [constant(X), constant(Y)], {"name": "lt"}
    yield Case("unfold", [X], {"dim": 0, "size": 5, "step": 1}, refused="unfold: expected 0 <= size <= 4")
    yield Case("cdist", [X, floats(4, 3)], {"p": 2.0}, refused="cdist: expected rows of one length")
    yield Case("tensor_split", [X], {"sections": 0, "dim": 0}, refused="tensor_split: expected at least one section")
    yield Case("rot90", [X], {"k": 1, "dims": [0, 0]}, refused="rot90: expected two different dimensions")
    yield Case("quantile", [integers(4, low=0, high=9)], {"q": 0.5}, refused="quantile: expected floating-point elements")


write(__file__, OPS, cases())
