"""The family `rare`: less common functions: running extremes, parts put back, norms of matrices, integrals, probabilities, fractional pooling."""
import torch
import torch.nn.functional as F
from cases import Case, booleans, constant, floats, integers, labels, unit, values, write

X, Y = floats(4, 5), floats(4, 5)
TIES = integers(3, 7, low=-2, high=3, dtype="float")
NAN = values([2, 5], [1, float("nan"), 3, 0, 2, 4, 5, 5, float("nan"), 6])
SPECIAL = values([6], [0, float("inf"), float("-inf"), float("nan"), -2.5, 1.5])


def window(name, x, n, periodic, **o):
    return x[:0].sum() + getattr(torch, name)(n, periodic, *o.values(), dtype=x.dtype)


def in_place(x, *rest, name, **o):
    y = x * 1
    getattr(y, name + "_")(*rest, **o)
    return y


def fractional(d):
    f, g = getattr(F, f"fractional_max_pool{d}d"), getattr(F, f"fractional_max_pool{d}d_with_indices")
    return lambda x, u, kernel, size=None, ratio=None, indices=False: (g if indices else f)(x, kernel, size, ratio, indices, u)


def linear_cross_entropy(x, w, target, *rest, bias=False, weight=False, **o):
    rest = list(rest)
    return F.linear_cross_entropy(x, w, target, linear_bias=rest.pop(0) if bias else None, weight=rest.pop(0) if weight else None, **o)



def lrn(x, size, alpha, beta, k):
    """CrossMapLRN2d: PyTorch's own keeps the first channel in all later windows, and its derivative does not know it."""
    half = (size - 1) // 2
    total = sum(F.pad(x * x, (0, 0, 0, 0, half, half))[:, i:i + x.size(1)] for i in range(2 * half + 1))
    return x / (k + alpha / size * total) ** beta


METHODS = ("cummax", "cummin", "renorm", "mvlgamma", "matrix_power", "inner", "addbmm", "float_power", "logaddexp2", "ldexp", "diagflat", "select_scatter", "slice_scatter",
           "diagonal_scatter", "sum_to_size", "masked_scatter", "put", "msort", "arctan2", "clip")
FUNCTIONS = ("block_diag", "combinations", "vander", "isin", "unravel_index", "corrcoef", "gradient", "heaviside", "signbit", "isposinf", "isneginf", "unique_consecutive", "rsub", "atleast_3d", "fill")
OPS = {
    **{name: (lambda n: lambda x, *a, **o: getattr(x, n)(*a, **o))(name) for name in METHODS}, **{name: getattr(torch, name) for name in FUNCTIONS},
    **{name: (lambda f: lambda x, n: f(x, n))(getattr(torch, name)) for name in ("hsplit", "vsplit", "dsplit")}, "nanmedian": torch.nanmedian, "mode": lambda x, **o: torch.mode(x, **o)[0], "tensor_split": lambda x, indices, dim=0: torch.tensor_split(x, indices, dim),
    "unravel_index": lambda i, shape: torch.unravel_index(i, tuple(shape)), "alias": lambda x, name: getattr(torch, name)(x), "alias2": lambda x, y, name: getattr(torch, name)(x, y),
    "special": lambda x, name, **o: getattr(torch.special, name)(x, **o), "special2": lambda x, y, name: getattr(torch.special, name)(x, y), "in_place": in_place,
    "trapezoid": lambda y, x=None, **o: torch.trapezoid(y, **o) if x is None else torch.trapezoid(y, x, **o),
    "cumulative_trapezoid": lambda y, x=None, **o: torch.cumulative_trapezoid(y, **o) if x is None else torch.cumulative_trapezoid(y, x, **o),
    "pdist": lambda x, p: F.pdist(x, p), "vector_norm": lambda x, ord, **o: torch.linalg.vector_norm(x, float(ord), **o), "linalg_vander": lambda x, count=None: torch.linalg.vander(x, N=count),
    "matrix_norm": lambda x, ord, **o: torch.linalg.matrix_norm(x, ord if ord == "fro" else float(ord), **o), "linalg_norm": lambda x, ord=None, dim=None, keepdim=False: torch.linalg.norm(x, ord, dim, keepdim),
    "multi_dot": lambda *m: torch.linalg.multi_dot(m), "chain_matmul": lambda *m: torch.linalg.multi_dot(m), "vecdot": torch.linalg.vecdot,
    "conv_tbc": torch.conv_tbc, "window": lambda x, name, n, periodic, **o: window(name, x, n, periodic, **o), "linear_cross_entropy": linear_cross_entropy,
    "fractional2": fractional(2), "fractional3": fractional(3), "cross_map_lrn2d": lrn, "channel_shuffle": lambda x, groups: F.channel_shuffle(x, groups),
}


def cases():
    for op in ("cummax", "cummin"):
        for x, dim in ((X, 0), (X, -1), (TIES, 1), (floats(), 0), (floats(2, 33, 3), 1)):
            yield Case(op, [x], {"dim": dim}, second=False)
        yield Case(op, [NAN], {"dim": 1}, second=False)
        yield op, [integers(9, low=0, high=4)], {"dim": 0}
        yield Case(op, [X], {"dim": 2}, refused=f"{op}: dimension out of range")
    for x, o in ((TIES, {"dim": 1}), (TIES, {"dim": 0, "keepdim": True}), (integers(3, 40, low=0, high=6), {})):
        yield Case("mode", [x], o, second=False)
    yield Case("nanmedian", [NAN], {"dim": 1}, second=False)
    yield Case("nanmedian", [NAN], {"dim": 0, "keepdim": True}, second=False)
    yield Case("nanmedian", [NAN], {}, second=False)
    yield Case("nanmedian", [constant(values([3], [float("nan")] * 3))], {}, second=False)
    for p, dim, maxnorm in ((2.0, 0, 1.0), (1.0, 1, 1.5), (3.0, -1, 0.2)):
        yield "renorm", [floats(4, 3, 2)], {"p": p, "dim": dim, "maxnorm": maxnorm}
    yield Case("renorm", [floats(4)], {"p": 2.0, "dim": 0, "maxnorm": 1.0}, refused="renorm: expected a floating-point tensor of two dimensions")
    for p in (1, 3):
        yield Case("mvlgamma", [floats(5, offset=4.0)], {"p": p}, second=False)
    for n in (0, 1, 2, 5):
        yield "matrix_power", [floats(2, 3, 3) if n else constant(floats(2, 3, 3))], {"n": n}
    yield Case("matrix_power", [floats(2, 3)], {"n": 2}, refused="matrix_power: expected square matrices")
    for a, b in ((floats(4), floats(4)), (floats(2, 3, 4), floats(5, 4)), (floats(3), floats())):
        yield "inner", [a, b]
    yield Case("inner", [floats(3), floats(4)], refused="inner: expected last dimensions of one extent")
    yield "addbmm", [floats(3, 5), floats(2, 3, 4), floats(2, 4, 5)], {"beta": 0.5, "alpha": 2}
    yield "addbmm", [floats(5), floats(2, 3, 4), floats(2, 4, 5)], {}
    yield "float_power", [unit(4), floats(4)]
    yield "float_power", [integers(4, low=1, high=5), integers(4, low=0, high=3)]
    yield "logaddexp2", [X, floats(5)]
    yield "ldexp", [X, integers(5, low=0, high=4)]  # of negative integers PyTorch's own derivative is 0
    yield "ldexp", [X, constant(floats(5, scale=4.0))]
    yield "arctan2", [X, unit(5)]
    yield Case("heaviside", [constant(values([5], [-1, 0, 2, 0, float("inf")])), constant(values([5], [7, 0.5, 3, 1, 2]))], second=False)
    for op in ("signbit", "isposinf", "isneginf"):
        yield op, [SPECIAL]
    yield "signbit", [values([3], [0.0, -0.0, -1.0])]
    yield "signbit", [integers(4, low=-3, high=3)]
    yield "clip", [X], {"min": -0.5, "max": 0.25}
    for name in ("absolute", "negative", "fix", "sgn", "arcsin", "arccos", "arctan", "arcsinh", "arctanh", "positive", "deg2rad", "rad2deg"):
        yield "alias", [X], {"name": name}
    yield "alias", [floats(4, offset=3.0)], {"name": "arccosh"}
    for name in ("multiply", "divide", "true_divide", "greater", "greater_equal", "less", "less_equal", "not_equal", "arctan2"):
        yield "alias2", [X, unit(5)], {"name": name}
    for name in ("addmm", "addmv", "addr", "addbmm", "baddbmm"):
        c, a, b = {"addmm": ((3, 5), (3, 4), (4, 5)), "addmv": ((3,), (3, 4), (4,)), "addr": ((3, 4), (3,), (4,)), "addbmm": ((3, 5), (2, 3, 4), (2, 4, 5)), "baddbmm": ((2, 3, 5), (2, 3, 4), (2, 4, 5))}[name]
        yield "in_place", [floats(*c), floats(*a), floats(*b)], {"name": name, "beta": 0.5, "alpha": -2}
    for name, o in (("tril", {"diagonal": 1}), ("triu", {"diagonal": -1}), ("cumsum", {"dim": 1}), ("cumprod", {"dim": 0}), ("renorm", {"p": 2, "dim": 0, "maxnorm": 1.0})):
        yield "in_place", [X], {"name": name, **o}
    yield "in_place", [unit(5)], {"name": "logit"}
    yield Case("in_place", [SPECIAL], {"name": "nan_to_num", "nan": 1.0, "posinf": 2.0, "neginf": -3.0}, second=False)

    yield "diagflat", [floats(2, 3)], {"offset": -1}
    yield "select_scatter", [X, floats(5)], {"dim": 0, "index": -2}
    yield "slice_scatter", [X, floats(4, 2)], {"dim": 1, "start": 1, "end": 5, "step": 2}
    yield "slice_scatter", [X, floats(2, 5)], {"dim": 0, "end": 2}
    yield "diagonal_scatter", [X, floats(4)], {"offset": 1}
    yield "diagonal_scatter", [floats(3, 2, 4), floats(2, 3)], {"dim1": 2, "dim2": 0}
    yield Case("select_scatter", [X, floats(4)], {"dim": 0, "index": 1}, refused="select_scatter: expected a source [5]")
    for sizes in ([4, 1], [5], [1, 1], [4, 5], []):
        yield "sum_to_size", [X], {"size": sizes}
    yield Case("sum_to_size", [X], {"size": [3, 5]}, refused="sum_to_size: expected sizes that broadcast")
    yield "masked_scatter", [X, booleans(4, 5), floats(20)]
    yield "masked_scatter", [X, booleans(5), floats(3, 8)]
    yield Case("masked_scatter", [X, booleans(4, 5, p=1.0), floats(3)], refused="masked_scatter: an index is not in [0, 3)")
    yield "put", [X, values([3], [0, -1, 7], dtype="int64"), floats(3)]
    yield "put", [X, values([2, 2], [3, -1, 3, 19], dtype="int64"), floats(2, 2)], {"accumulate": True}
    yield Case("put", [X, values([2], [1, 2], dtype="int64"), floats(3)], refused="put: expected a source")
    yield "msort", [X]
    yield "tensor_split", [floats(7, 3)], {"indices": [2, 3, 9], "dim": 0}
    yield "tensor_split", [floats(3, 7)], {"indices": [-5, -2], "dim": 1}
    for op, shape, dim in (("hsplit", (4, 6), 1), ("hsplit", (6,), 0), ("vsplit", (6, 2), 0), ("dsplit", (2, 2, 6), 2)):
        yield op, [floats(*shape)], {"n": 3}
        yield op, [floats(*shape)], {"n": [1, 4]}
    yield Case("hsplit", [X], {"n": 2}, refused="hsplit: expected a number of sections that divides the 5")
    yield "block_diag", [floats(2, 3), floats(2), floats(), floats(1, 2)]
    yield "combinations", [floats(4)], {"r": 2}
    yield "combinations", [floats(4)], {"r": 3, "with_replacement": True}
    yield Case("combinations", [X], {"r": 2}, refused="combinations: expected a vector")
    yield "vander", [constant(floats(4))]
    yield "vander", [constant(floats(3))], {"N": 5, "increasing": True}
    yield "linalg_vander", [constant(floats(2, 3))], {"count": 4}
    yield "linalg_vander", [constant(floats(2, 3))]
    yield "isin", [integers(3, 4, low=0, high=9), integers(5, low=0, high=9)]
    yield "isin", [integers(6, low=0, high=9), integers(2, 2, low=0, high=9)], {"invert": True}
    yield "unravel_index", [integers(4, low=0, high=24)], {"shape": [2, 3, 4]}
    yield "unique_consecutive", [values([7], [1, 1, 2, 2, 2, 1, 3], dtype="int64")], {"return_inverse": True, "return_counts": True}
    yield "rsub", [X, Y], {"alpha": 2}
    yield "atleast_3d", [X]
    yield Case("fill", [X, values([], [2.0])], second=False)
    yield "channel_shuffle", [floats(2, 6, 3)], {"groups": 3}

    for p in (1.0, 2.0, 3.0):
        yield Case("pdist", [floats(5, 3)], {"p": p}, second=False)
    yield Case("pdist", [X, Y][:1], {"p": -1.0}, refused="pdist: expected rows [N, M]")
    yield "corrcoef", [X]
    for o in ({}, {"dim": 0}, {"dx": 0.5, "dim": 1}):
        yield "trapezoid", [X], o
        yield "cumulative_trapezoid", [X], o
    for op in ("trapezoid", "cumulative_trapezoid"):
        yield op, [X, floats(5)]
        yield op, [X, Y], {"dim": 0}
        yield op, [X, floats(4)], {"dim": 0}
    yield Case("trapezoid", [X, floats(3)], refused="trapezoid: expected 5 places")
    yield "gradient", [X]
    yield "gradient", [floats(3, 2)], {"spacing": 0.5, "dim": [1]}
    yield Case("gradient", [floats(3, 1)], {"spacing": 1.0, "dim": [1]}, refused="gradient: expected at least two elements along dim 1")

    for ord in (2, 1, 3.5, 0, "inf", "-inf"):
        yield "vector_norm", [floats(3, 4) if ord else constant(floats(3, 4))], {"ord": ord, "dim": [1], "keepdim": True}
    yield "vector_norm", [floats(3, 4)], {"ord": 2}
    for ord in ("fro", 1, -1, "inf", "-inf"):
        yield "matrix_norm", [floats(2, 3, 4)], {"ord": ord}
        yield "matrix_norm", [floats(2, 3, 4)], {"ord": ord, "dim": [0, 2], "keepdim": True}
    yield Case("matrix_norm", [X], {"ord": 2}, refused="matrix_norm: expected")
    yield "linalg_norm", [floats(2, 3)]
    yield "linalg_norm", [floats(2, 3)], {"ord": 1}
    yield "linalg_norm", [floats(2, 3, 4)], {"ord": 3, "dim": [1]}
    yield "multi_dot", [floats(2, 9), floats(9, 3), floats(3, 8), floats(8, 2)]
    yield "multi_dot", [floats(9), floats(9, 3), floats(3)]
    yield "chain_matmul", [floats(2, 9), floats(9, 3), floats(3, 8)]
    yield Case("chain_matmul", [floats(2, 9), floats(8, 3)], refused="chain_matmul: expected matrices whose shapes fit")
    yield "vecdot", [X, floats(5)]
    yield "vecdot", [X, Y], {"dim": 0}

    TAIL = values([9], [-30, -12, -9.5, -3, -0.5, 0.7, 1.5, 4, 9])
    for name in ("ndtr", "log_ndtr"):
        yield "special", [TAIL], {"name": name}
    yield "special", [unit(6)], {"name": "entr"}
    yield Case("special", [constant(values([3], [-1.0, 0.0, float("nan")]))], {"name": "entr"}, second=False)
    for name in ("gammaln", "digamma", "psi", "expit", "erfinv", "sinc", "exp2", "log1p"):
        yield Case("special", [unit(5)], {"name": name}, second=name not in ("gammaln", "digamma", "psi"))
    yield Case("special", [floats(4, offset=4.0)], {"name": "multigammaln", "p": 2}, second=False)
    yield "special2", [X, unit(5)], {"name": "xlog1py"}
    yield Case("special2", [constant(values([4], [0, 0, 1, 0])), constant(values([4], [-1, float("inf"), 0.5, float("nan")]))], {"name": "xlog1py"}, second=False)
    yield "special2", [X, unit(5)], {"name": "xlogy"}
    for name in ("hamming_window", "blackman_window", "bartlett_window", "kaiser_window"):
        for n, periodic in ((8, True), (7, False), (1, True)):
            yield Case("window", [floats(2)], {"name": name, "n": n, "periodic": periodic}, second=False)
    yield Case("window", [floats(2)], {"name": "hamming_window", "n": 5, "periodic": True, "alpha": 0.5, "beta": 0.25}, second=False)
    yield Case("window", [floats(2)], {"name": "kaiser_window", "n": 6, "periodic": False, "beta": 4.0}, second=False)
    yield "conv_tbc", [floats(6, 2, 3), floats(3, 3, 4), floats(4)], {"pad": 1}
    yield Case("conv_tbc", [floats(6, 2, 3), floats(3, 2, 4), floats(4)], {"pad": 1}, refused="conv_tbc: expected an input [T, N, in]")

    for o in ({}, {"reduction": "sum", "label_smoothing": 0.1}, {"reduction": "none", "ignore_index": 2}):
        yield "linear_cross_entropy", [floats(6, 3), floats(5, 3), labels(6, classes=5)], o
        yield "linear_cross_entropy", [floats(6, 3), floats(5, 3), labels(6, classes=5), floats(5), constant(unit(5))], {"bias": True, "weight": True, **o}
    yield "linear_cross_entropy", [floats(3), floats(5, 3), labels(classes=5)], {}
    yield "linear_cross_entropy", [floats(2, 3), floats(5, 4, 2, 3), labels(2, 4, 2, classes=5), floats(5, 4, 2)], {"bias": True}
    yield "linear_cross_entropy", [floats(2, 3), floats(5, 3), constant(unit(2, 5))], {}
    yield Case("linear_cross_entropy", [floats(6, 3), floats(5, 4), labels(6, classes=5)], refused="linear_cross_entropy: expected an input [N, in]")
    for indices in (False, True):
        yield Case("fractional2", [floats(2, 3, 9, 7), constant(unit(2, 3, 2))], {"kernel": [2, 3], "size": [4, 3], "indices": indices}, second=False)
        yield Case("fractional2", [floats(3, 8, 10), constant(unit(1, 3, 2))], {"kernel": [2, 2], "ratio": [0.5, 0.7], "indices": indices}, second=False)
        yield Case("fractional3", [floats(2, 2, 6, 7, 5), constant(unit(2, 2, 3))], {"kernel": [2, 3, 1], "size": [3, 2, 4], "indices": indices}, second=False)
    yield Case("fractional2", [floats(1, 1, 5, 5), constant(unit(1, 1, 2))], {"kernel": [2, 2], "size": [1, 4]}, second=False)
    yield Case("fractional2", [floats(1, 1, 5, 5), constant(unit(1, 1, 2))], {"kernel": [3, 3], "size": [4, 4]}, refused="fractional_max_pool2d: expected 4 windows of 3 to fit into spatial dimension 0")
    yield Case("fractional2", [floats(1, 1, 5, 5), constant(unit(1, 2))], {"kernel": [2, 2], "size": [2, 2]}, refused="fractional_max_pool2d: expected _random_samples [1, 1, 2]")
    for size in (1, 3, 4):
        yield "cross_map_lrn2d", [floats(2, 5, 2, 3)], {"size": size, "alpha": 0.3, "beta": 0.75, "k": 1}
    yield Case("cross_map_lrn2d", [floats(2, 5, 2)], {"size": 3, "alpha": 0.3, "beta": 0.75, "k": 1}, refused="cross_map_lrn2d: expected an input [N, C, H, W]")


write(__file__, OPS, cases())
