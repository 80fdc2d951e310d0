"""The family `index`: gather and scatter in all their forms, embeddings, sorting, running sums, counts."""
import torch
import torch.nn.functional as F
from cases import Case, booleans, constant, floats, integers, labels, unit, values, write


def bag(x, w, *rest, offsets=None, weights=False, **o):
    rest = list(rest)
    return F.embedding_bag(x, w, offsets=None if offsets is None else torch.tensor(offsets), per_sample_weights=rest[0] if weights else None, **o)


def indexed(x, *index, where, put=False, accumulate=False):
    """x[...]: `where` names what stands at each place; "t" is the next tensor."""
    tensors = iter(index[: where.count("t")])
    key = tuple(next(tensors) if w == "t" else None if w == "none" else Ellipsis if w == "..." else slice(*w) if isinstance(w, list) else w for w in where)
    if put:
        y = x.clone()
        rest = index[where.count("t"):]
        if all(not isinstance(k, torch.Tensor) for k in key):
            y[key] = rest[0]
            return y
        if accumulate:
            assert all(isinstance(k, torch.Tensor) for k in key)
            return x.index_put(key, rest[0], accumulate=True)
        y[key] = rest[0]
        return y
    return x[key]


OPS = {
    "gather": lambda x, i, dim: x.gather(dim, i), "take_along_dim": torch.take_along_dim, "index_select": lambda x, i, dim: x.index_select(dim, i), "take": torch.take,
    "scatter": lambda x, i, s, dim: x.scatter(dim, i, s), "scatter_value": lambda x, i, dim, value: x.scatter(dim, i, value),
    "scatter_add": lambda x, i, s, dim: x.scatter_add(dim, i, s),
    "scatter_reduce": lambda x, i, s, dim, reduce, include_self: x.scatter_reduce(dim, i, s, reduce, include_self=include_self),
    "index_add": lambda x, i, s, dim, alpha: x.index_add(dim, i, s, alpha=alpha), "index_copy": lambda x, i, s, dim: x.index_copy(dim, i, s),
    "index_fill": lambda x, i, dim, value: x.index_fill(dim, i, value), "index": indexed,
    "embedding": F.embedding, "embedding_bag": bag, "one_hot": F.one_hot,
    "sort": torch.sort, "argsort": lambda x, **o: torch.argsort(x, stable=True, **o), "stable_sort": lambda x, **o: torch.sort(x, stable=True, **o), "topk": torch.topk,
    "kthvalue": torch.kthvalue, "median": torch.median,
    "max": torch.max, "min": torch.min, "cumsum": torch.cumsum, "cumprod": torch.cumprod, "logcumsumexp": torch.logcumsumexp,
    "searchsorted": torch.searchsorted, "bucketize": torch.bucketize, "bincount": lambda x, w=None, minlength=0: torch.bincount(x, w, minlength), "histc": torch.histc,
    "tril_indices": lambda x, **o: torch.tril_indices(**o), "triu_indices": lambda x, **o: torch.triu_indices(**o),
}


def cases():
    x = floats(4, 5, scale=3.0)
    for dim, i in ((0, (2, 5)), (1, (4, 3)), (-1, (4, 9)), (0, (7, 1)), (-2, (3, 4)), (0, (4, 5)), (1, (1, 1)), (0, (0, 5))):
        yield "gather", [x, labels(*i, classes=(4, 5)[dim])], {"dim": dim}
    for dim in (0, 1, 2, -1, -3):
        yield "gather", [floats(3, 4, 5), labels(2, 3, 4, classes=3)], {"dim": dim}
        yield "gather", [floats(1, 6, 1), labels(1, 6, 1, classes=1)], {"dim": dim}
    yield "gather", [floats(17), integers(40, low=0, high=17, dtype="int64")], {"dim": 0}
    yield "gather", [floats(), labels(classes=1)], {"dim": 0}
    yield "gather", [floats(33, 70), labels(33, 1, classes=70)], {"dim": 1}
    for dim, i in ((0, (2, 5)), (1, (4, 3)), (1, (1, 3)), (0, (6, 1))):
        n = (4, 5)[dim]
        yield "take_along_dim", [x, integers(*i, low=-n, high=n)], {"dim": dim}
    yield "take_along_dim", [floats(2, 3, 4), integers(1, 3, 6, low=-4, high=4)], {"dim": -1}
    for shape, dim in (((6, 40), 0), ((6, 40), 1), ((3, 5, 7), 1), ((3, 5, 7), -1), ((3, 5, 7), 0), ((9,), 0), ((2, 1, 33), 1)):
        for n in (1, 4, 13):
            yield "index_select", [floats(*shape), labels(n, classes=shape[dim])], {"dim": dim}
    yield "index_select", [floats(4, 33), integers(5, low=0, high=4, dtype="int32")], {"dim": 0}
    yield "index_select", [floats(4, 3), labels(classes=4)], {"dim": 0}
    for shape in ((7,), (2, 3), (2, 3, 2), ()):
        yield "take", [x, integers(*shape, low=-20, high=20)], {}

    for dim, i, s in ((0, (2, 5), (2, 5)), (1, (4, 3), (4, 5)), (0, (3, 2), (4, 4)), (-1, (1, 5), (2, 6)), (0, (9, 5), (9, 5))):
        n = (4, 5)[dim]
        src = floats(*s) if i == s else constant(floats(*s))  # PyTorch's own gradient fails where src is larger than the index
        yield "scatter_add", [x, labels(*i, classes=n), src], {"dim": dim}
        yield "scatter_value", [x, labels(*i, classes=n)], {"dim": dim, "value": 2.5}
        for reduce in ("sum", "mean", "amax", "amin"):
            for include in (True, False):
                yield Case("scatter_reduce", [x, labels(*i, classes=n), floats(*i)], {"dim": dim, "reduce": reduce, "include_self": include}, second=reduce in ("sum", "mean"))
    # Places that differ: PyTorch does not say who wins otherwise.
    places = [3, 0, 2, 1, 1, 3, 0, 2, 1, 2, 3, 0]
    yield "scatter", [x, values([4, 3], places, dtype="int64"), floats(4, 3)], {"dim": 0}
    yield "scatter", [floats(3, 4), values([3, 4], places, dtype="int64"), constant(floats(3, 5))], {"dim": 1}
    yield "scatter", [floats(4), values([4], [3, 0, 2, 1], dtype="int64"), floats(4)], {"dim": 0}
    yield "scatter_add", [floats(2, 3, 40), labels(2, 5, 40, classes=3), floats(2, 5, 40)], {"dim": 1}
    yield "scatter_add", [floats(300), labels(2000, classes=300), floats(2000)], {"dim": 0}
    yield "scatter_add", [integers(4, 5, low=-9, high=9), labels(6, 5, classes=4), integers(6, 5, low=-9, high=9)], {"dim": 0}
    yield "scatter_reduce", [integers(4, 5, low=-9, high=9), labels(6, 5, classes=4), integers(6, 5, low=-9, high=9)], {"dim": 0, "reduce": "amax", "include_self": False}
    for dim, shape in ((0, (5, 33)), (1, (5, 33)), (-1, (2, 3, 4)), (1, (2, 3, 4)), (0, (7,))):
        s = list(shape)
        s[dim] = 6
        for alpha in (1, -0.5):
            yield "index_add", [floats(*shape), labels(6, classes=shape[dim]), floats(*s)], {"dim": dim, "alpha": alpha}
        yield "index_fill", [floats(*shape), labels(2, classes=shape[dim])], {"dim": dim, "value": -1.5}
        s[dim] = 2
        yield "index_copy", [floats(*shape), values([2], [shape[dim] - 1, 0], dtype="int64"), floats(*s)], {"dim": dim}

    t = lambda *shape, n=3: integers(*shape, low=-n, high=n)
    cube = floats(3, 4, 5)
    for where, index in ((["t"], [t(6)]), (["t"], [t(2, 2)]), (["t", "t"], [t(6), t(6)]), (["t", "t"], [t(2, 1), t(3)]), ([[None], "t"], [t(4)]), (["...", "t"], [t(2, 3)]),
                         (["t", [None], "t"], [t(4), t(4)]), (["t", "t", "t"], [t(3), t(1), t(2, 3)]), ([1, "t"], [t(4)]), ([[None, None, 2], "t", [1, 3]], [t(2)]),
                         (["none", "t", "..."], [t(2)]), ([[None], "none", "t"], [t(2)]), ([0, "...", -1], []), ([[1, None], "..."], []), ([2], []), (["t"], [t()])):
        yield "index", [cube, *index], {"where": where}
    for where, index, shape in ((["t"], [t(2)], (2, 4, 5)), (["t", "t"], [t(6), t(6)], (6, 5)), (["t", "t"], [t(6), t(6)], (5,)), (["t", "t", "t"], [t(2, 3), t(3), t(1)], (2, 3))):
        yield "index", [cube, *index, floats(*shape)], {"where": where, "put": True, "accumulate": True}
    yield "index", [cube, values([2], [2, 0], dtype="int64"), floats(2, 4, 5)], {"where": ["t"], "put": True}
    yield "index", [cube, values([2], [2, -4], dtype="int64"), floats(3, 2, 5)], {"where": [[None], "t"], "put": True}
    yield "index", [cube, values([2], [2, 0], dtype="int64"), values([2], [4, 1], dtype="int64"), floats(2, 4)], {"where": ["t", [None], "t"], "put": True}
    yield "index", [cube, floats(5)], {"where": [1, [1, 3]], "put": True}

    for shape in ((6,), (2, 3), (2, 1, 4), (), (0,)):
        for d in (1, 3, 40):
            yield "embedding", [labels(*shape, classes=7), floats(7, d)], {}
    for pad in (0, 2, -1):
        yield "embedding", [labels(3, 5, classes=4), floats(4, 9)], {"padding_idx": pad}
    yield "embedding", [integers(40, low=0, high=300, dtype="int32"), floats(300, 33)], {}
    for mode in ("sum", "mean", "max"):
        second = mode != "max"
        yield Case("embedding_bag", [labels(3, 5, classes=9), floats(9, 4)], {"mode": mode}, second=second)
        yield Case("embedding_bag", [labels(11, classes=9), floats(9, 40)], {"mode": mode, "offsets": [0, 3, 3, 7]}, second=second)
        yield Case("embedding_bag", [labels(11, classes=9), floats(9, 4)], {"mode": mode, "offsets": [0, 4, 11], "include_last_offset": True}, second=second)
        yield Case("embedding_bag", [labels(11, classes=3), floats(3, 4)], {"mode": mode, "offsets": [0, 2, 8], "padding_idx": 1}, second=second)
        yield Case("embedding_bag", [labels(2, 6, classes=3), floats(3, 4)], {"mode": mode, "padding_idx": -1}, second=second)
    yield Case("embedding_bag", [labels(3, 5, classes=9), floats(9, 4), floats(3, 5)], {"mode": "sum", "weights": True}, second=False)
    yield Case("embedding_bag", [labels(11, classes=9), floats(9, 4), floats(11)], {"mode": "sum", "offsets": [0, 3, 9], "weights": True}, second=False)
    for shape in ((6,), (2, 3), ()):
        yield "one_hot", [labels(*shape, classes=4)], {"num_classes": 5}

    for shape, dim in (((9,), 0), ((4, 7), 0), ((4, 7), 1), ((4, 7), -1), ((2, 5, 3), 1), ((3, 1), 1), ((1, 1), 0), ((2, 130), 1), ((40, 3), 0)):
        y = floats(*shape, scale=9.0)
        for down in (False, True):
            yield "sort", [y], {"dim": dim, "descending": down}
            yield "stable_sort", [integers(*shape, low=-3, high=3)], {"dim": dim, "descending": down}
            yield "argsort", [integers(*shape, low=-3, high=3, dtype="float")], {"dim": dim, "descending": down}
        for k in {1, shape[dim], (shape[dim] + 1) // 2}:
            for largest in (True, False):
                yield "topk", [y], {"k": k, "dim": dim, "largest": largest}
            yield "kthvalue", [y], {"k": k, "dim": dim, "keepdim": k == 1}
        yield "median", [y], {"dim": dim}
        yield "median", [y], {"dim": dim, "keepdim": True}
        yield "max", [y], {"dim": dim}
        yield "min", [y], {"dim": dim, "keepdim": True}
        small = floats(*shape, scale=0.5, offset=1.0)
        yield "cumsum", [y], {"dim": dim}
        yield "cumprod", [small if shape[dim] > 20 else floats(*shape)], {"dim": dim}
        yield "logcumsumexp", [y], {"dim": dim}
        yield "cumsum", [integers(*shape, low=-5, high=5, dtype="int32")], {"dim": dim}
    nan = values([6], [2.0, float("nan"), -1.0, float("inf"), float("nan"), 0.5])
    for down in (False, True):
        yield "argsort", [nan], {"dim": 0, "descending": down}
    yield Case("median", [constant(nan)], {"dim": 0})
    yield "median", [floats(4, 5)], {}
    yield "cumprod", [values([5], [2.0, 0.0, 3.0, 0.0, 4.0])], {"dim": 0}
    yield "cumsum", [booleans(3, 4)], {"dim": 1}
    yield "cumsum", [floats(6, 70)], {"dim": 0}

    steps = values([5], [-2.0, -0.5, 0.0, 0.5, 2.0])
    for right in (False, True):
        for shape in ((7,), (2, 3), ()):
            yield "searchsorted", [constant(steps), constant(integers(*shape, low=-3, high=3, dtype="float"))], {"right": right}
            yield "bucketize", [constant(floats(*shape, scale=3.0)), constant(steps)], {"right": right}
        yield "searchsorted", [values([2, 4], [1, 3, 5, 7, 2, 2, 4, 8], dtype="int64"), integers(2, 3, low=0, high=9)], {"right": right}
    yield "bincount", [labels(20, classes=6)], {"minlength": 6}
    yield "bincount", [labels(20, classes=6), constant(floats(20))], {"minlength": 9}
    for o in ({"bins": 4, "min": -1, "max": 1}, {"bins": 7}, {"bins": 5, "min": 0, "max": 2}):
        yield "histc", [constant(floats(30, scale=2.0))], o
    for rows, columns, k in ((4, 4, 0), (3, 5, 1), (5, 3, -2), (1, 1, 0), (2, 3, 9)):
        for op in ("tril_indices", "triu_indices"):
            yield op, [constant(floats(1))], {"row": rows, "col": columns, "offset": k}

    yield Case("gather", [x, labels(4, 3, 1, classes=3)], {"dim": 0}, refused="gather: expected an index of the input's rank")
    yield Case("scatter_add", [x, labels(2, 5, classes=3), floats(1, 5)], {"dim": 0}, refused="scatter_add: expected an index of the input's rank")
    yield Case("topk", [x], {"k": 9, "dim": 1, "largest": True}, refused="topk: expected k in [0, 5]")
    yield Case("bincount", [labels(4, classes=3)], {"minlength": 0})
    yield Case("scatter_reduce", [x, labels(2, 5, classes=3), floats(2, 5)], {"dim": 0, "reduce": "prod", "include_self": True}, refused="scatter_reduce: expected reduce")
    yield Case("index", [x, booleans(4)], {"where": ["t"]})


write(__file__, OPS, cases())
