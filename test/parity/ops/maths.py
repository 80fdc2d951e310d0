"""The family `maths`: functions of numbers, bits, comparisons, and reductions made of others."""
import torch
from cases import Case, booleans, constant, floats, integers, unit, values, write

X = floats(4, 7, scale=3.0)
UNARY = ["tan", "sinh", "cosh", "asinh", "atan", "exp2", "erfc", "round", "trunc", "frac", "square"]
INSIDE = ["asin", "acos", "atanh", "erfinv"]
POSITIVE = ["log2", "log10", "lgamma", "digamma", "reciprocal"]
BINARY = ["atan2", "hypot", "logaddexp", "fmax", "fmin", "fmod", "remainder", "maximum", "minimum"]
BITS = ["bitwise_and", "bitwise_or", "bitwise_xor"]
REDUCE = {
    "prod": lambda x, dim=None, keepdim=False: x.prod() if dim is None else x.prod(dim, keepdim),
    "norm": lambda x, p, dim, keepdim=False: torch.linalg.vector_norm(x, float(p), dim, keepdim),
    "var": lambda x, dim, correction=1, keepdim=False: torch.var(x, dim, correction=correction, keepdim=keepdim),
    "std": lambda x, dim, correction=1, keepdim=False: torch.std(x, dim, correction=correction, keepdim=keepdim),
    "all": lambda x, dim: torch.all(x, dim), "any": lambda x, dim: torch.any(x, dim),
    "aminmax": lambda x, dim: tuple(torch.aminmax(x, dim=dim)), "count_nonzero": torch.count_nonzero,
}
OPS = {
    **{n: getattr(torch, n) for n in UNARY + INSIDE + POSITIVE + BINARY + BITS}, **REDUCE,
    "acosh": torch.acosh, "xlogy": torch.xlogy, "floor_divide": torch.floor_divide, "logical_xor": torch.logical_xor, "bitwise_not": torch.bitwise_not,
    "isinf": torch.isinf, "nan_to_num": torch.nan_to_num, "logit": torch.logit,
    "clamp": lambda x, a, b: torch.clamp(x, a, b),
}


def cases():
    for op in UNARY:
        yield op, [floats(4, 7, scale=1.3) if op == "tan" else X], {}
    yield "asinh", [values([6], [0.0, 1e-9, -1e-5, 1e10, -3e12, 7.0])], {}
    yield "atan", [values([5], [0.0, 1e-9, -1e6, 1e10, -1.0])], {}
    yield "erfc", [values([5], [0.0, 2.5, 4.0, -3.0, 5.0])], {}
    yield "round", [values([8], [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, -2.5, 1e9])], {}
    for op in INSIDE:
        yield op, [floats(5, 9, scale=0.95)], {}
    yield Case("erfinv", [constant(values([7], [0.0, 1.0, -1.0, 0.999999, -0.9999, 1e-6, 2.0]))], {}, f32=False)  # its slope at 0.999999 is beyond float32
    for op in POSITIVE:
        yield op, [floats(5, 9, scale=4.4, offset=4.6)], {}
    yield "lgamma", [values([6], [-0.5, -1.5, -3.7, 0.3, 20.5, 1e5])], {}
    yield "digamma", [values([5], [-0.5, -1.3, -3.7, 0.3, 1e5])], {}
    yield "acosh", [floats(5, 9, scale=2.9, offset=4.0)], {}
    for op in BINARY:
        yield Case(op, [X, floats(7, scale=2.0)], {}, second=op not in ("fmod", "remainder"))
    yield "atan2", [values([8], [0.5, 0.5, -0.5, -0.5, 0.0, 1.0, -1.0, 1e-9]), values([8], [0.3, -0.3, 0.3, -0.3, -1.0, 0.0, 0.0, 1.0])], {}
    yield "logaddexp", [constant(values([4], [float("inf"), float("-inf"), 1000.0, -1000.0])), constant(values([4], [float("inf"), float("-inf"), 999.0, -1000.0]))], {}
    yield "fmax", [constant(values([3], [float("nan"), 1.0, 2.0])), constant(values([3], [1.0, float("nan"), 3.0]))], {}
    yield "xlogy", [values([4], [0.0, 1.5, -2.0, 0.0]), values([4], [2.0, 0.5, 3.0, 0.7])], {}
    yield "xlogy", [constant(values([3], [0.0, 0.0, 0.0])), constant(values([3], [0.0, float("inf"), -1.0]))], {}
    for a, b in [(integers(4, 7, low=-9, high=9), integers(7, low=1, high=5)), (integers(4, 7, low=-9, high=9, dtype="int32"), integers(4, 1, low=-5, high=0))]:
        for op in ("floor_divide", "fmod", "remainder", *BITS):
            yield op, [a, b], {}
    yield "floor_divide", [constant(X), constant(floats(7, scale=2.0))], {}
    yield "bitwise_and", [booleans(3, 5), booleans(5)], {}
    yield "logical_xor", [booleans(3, 5), integers(5, low=0, high=2)], {}
    yield "bitwise_not", [integers(7, low=-9, high=9)], {}
    special = constant(values([5], [float("nan"), float("inf"), float("-inf"), 1.5, 0.0]))
    yield "isinf", [special], {}
    yield Case("nan_to_num", [special], {}, f32=False)
    yield "nan_to_num", [special], {"nan": 2.0, "posinf": 3.0, "neginf": -4.0}
    yield "logit", [unit(3, 5)], {}
    yield "logit", [floats(3, 5)], {"eps": 0.1}
    yield "clamp", [X, constant(floats(7, offset=-1.0)), constant(floats(4, 1, offset=1.0))], {}
    for shape, dim in [((7,), 0), ((3, 8), 1), ((3, 5, 4), -2), ((2, 1, 3), 1)]:
        yield "prod", [floats(*shape, scale=1.5)], {"dim": dim, "keepdim": dim == 1}
    yield "prod", [values([4], [1.0, 0.0, 3.0, 2.0])], {}
    yield "prod", [integers(3, 5, low=1, high=4)], {"dim": 0}
    for p in (0.0, 1.0, 2.0, 3.0):
        yield "norm", [constant(floats(3, 5, 4)) if p == 0 else floats(3, 5, 4)], {"p": p, "dim": [0, 2]}
    yield "norm", [floats(3, 5, 4)], {"p": "inf", "dim": [1], "keepdim": True}
    yield "norm", [floats(3, 5, 4)], {"p": "-inf", "dim": [1]}
    for op in ("var", "std"):
        for correction in (0, 1, 2):
            yield op, [floats(3, 5, 4)], {"dim": [0, 2], "correction": correction, "keepdim": correction == 0}
    yield "all", [booleans(3, 5, p=0.8)], {"dim": 1}
    yield "any", [integers(3, 5, low=0, high=2)], {"dim": -2}
    yield "aminmax", [floats(3, 5)], {"dim": 1}
    yield "count_nonzero", [integers(3, 5, low=-1, high=2)], {"dim": [0]}
    yield Case("bitwise_and", [X, X], refused="bitwise_and: expected integers or bool, got float")
    yield Case("bitwise_not", [X], refused="bitwise_not: expected integers or bool, got float")


write(__file__, OPS, cases())
