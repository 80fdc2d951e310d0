"""The family `train`: activations, losses with their options, and functions of vectors."""
import torch
import torch.nn.functional as F
from cases import Case, booleans, constant, floats, integers, labels, unit, values, write

POINTWISE = {"elu": [{}, {"alpha": 0.3}, {"alpha": -0.7}], "selu": [{}], "celu": [{}, {"alpha": 0.5}, {"alpha": 2.5}], "relu6": [{}],
             "hardtanh": [{}, {"min_val": -2.0, "max_val": 0.5}], "hardsigmoid": [{}], "hardswish": [{}],
             "hardshrink": [{}, {"lambd": 1.2}, {"lambd": 0.0}], "softshrink": [{}, {"lambd": 1.2}, {"lambd": 0.0}], "tanhshrink": [{}],
             "threshold": [{"threshold": 0.5, "value": -3.0}, {"threshold": -1.0, "value": 20.0}],
             "softplus": [{}, {"beta": 3.0}, {"beta": 0.5, "threshold": 1.0}, {"beta": -1.0}], "softsign": [{}], "logsigmoid": [{}], "mish": [{}],
             "rrelu": [{}, {"lower": 0.1, "upper": 0.5}]}
OPS = {name: getattr(F, name) for name in POINTWISE}
OPS["hardsigmoid"] = lambda x: F.relu6(x + 3) / 6  # PyTorch's own derivative is dy times a float32 1/6


def multilabel(n, c):
    """Rows of distinct labels that end with -1."""
    rows = [[(r + k * 2) % c if k < 1 + r % 3 and k * 2 < c else -1 for k in range(c)] for r in range(n)]
    return [x for row in rows for x in row]


def weighted(f):
    return lambda x, y, w=None, **o: f(x, y, weight=w, **o)


OPS.update({
    "prelu": F.prelu, "glu": F.glu, "softmin": F.softmin, "normalize": F.normalize, "cosine_similarity": F.cosine_similarity,
    "pairwise_distance": F.pairwise_distance, "local_response_norm": F.local_response_norm, "bilinear": F.bilinear,
    "smooth_l1_loss": F.smooth_l1_loss, "huber_loss": F.huber_loss, "kl_div": F.kl_div, "soft_margin_loss": F.soft_margin_loss,
    "hinge_embedding_loss": F.hinge_embedding_loss, "poisson_nll_loss": F.poisson_nll_loss, "gaussian_nll_loss": F.gaussian_nll_loss,
    "multilabel_soft_margin_loss": weighted(F.multilabel_soft_margin_loss), "multi_margin_loss": weighted(F.multi_margin_loss),
    "multilabel_margin_loss": F.multilabel_margin_loss, "margin_ranking_loss": F.margin_ranking_loss,
    "cosine_embedding_loss": F.cosine_embedding_loss, "triplet_margin_loss": F.triplet_margin_loss,
    "triplet_l1": lambda a, p, n, **o: F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: (x - y).abs().sum(-1), **o),
    "cross_entropy": weighted(F.cross_entropy), "nll_loss": weighted(F.nll_loss),
    "bce_logits": lambda x, y, w=None, pw=None, **o: F.binary_cross_entropy_with_logits(x, y, weight=w, pos_weight=pw, **o),
    "bce_logits_pos": lambda x, y, pw, **o: F.binary_cross_entropy_with_logits(x, y, pos_weight=pw, **o),
    "bce": weighted(F.binary_cross_entropy),
    "alpha_dropout": F.alpha_dropout, "dropout2d": F.dropout2d,
})
REDUCTIONS = ("none", "mean", "sum")


def sign(*shape):
    n = 1
    for d in shape:
        n *= d
    return constant(values(shape, [1.0 if i * 7 % 3 else -1.0 for i in range(n)]))


def cases():
    for op, all_options in POINTWISE.items():
        for options in all_options:
            yield op, [floats(4, 7, scale=5.0)], options
        yield op, [floats(3, 1, 2, scale=30.0)], all_options[0]
        yield op, [floats(scale=2.0)], all_options[0]
        yield op, [floats(2, 0)], all_options[0]
        yield Case(op, [values([6], [800.0, -800.0, 0.25, 1e-30, -1e-30, -50.0])], all_options[0], second=op != "mish")  # PyTorch's is NaN at 800
        yield Case(op, [labels(3, classes=4)], all_options[0], refused="floating point")
    yield Case("celu", [floats(3)], {"alpha": 0.0}, refused="celu: expected alpha other than 0")
    yield Case("hardtanh", [floats(3)], {"min_val": 2.0, "max_val": 1.0}, refused="hardtanh: expected min_val not above max_val")
    yield Case("softshrink", [floats(3)], {"lambd": -1.0}, refused="softshrink: expected lambda at least 0")
    for x, w in (([4, 3], 3), ([2, 3, 5], 3), ([2, 3, 1, 2], 1), ([6], 1), ([2, 1, 4], 1)):
        yield "prelu", [floats(*x, scale=2.0), floats(w)], {}
    yield Case("prelu", [floats(4, 3), floats(4)], refused="prelu: expected a weight [1], or one per channel")
    for shape, dim in (([4, 6], -1), ([4, 6], 0), ([2, 4, 3], 1), ([2, 4, 3], -2), ([8], 0)):
        yield "glu", [floats(*shape, scale=2.0)], {"dim": dim}
    yield Case("glu", [floats(4, 3)], {"dim": 1}, refused="glu: expected an even extent of dimension 1")
    for dim in (0, 1, -1):
        yield "softmin", [floats(3, 5, 2, scale=4.0)], {"dim": dim}
    for p in (2.0, 1.0, 3.0, 1.5):
        for shape, dim in (([4, 6], 1), ([4, 6], 0), ([2, 3, 5], -1), ([7], 0), ([2, 1, 3], 1)):
            # Over an axis of 1 the derivative is 0 up to rounding, which float32 cannot be held to.
            yield Case("normalize", [floats(*shape, scale=2.0)], {"p": p, "dim": dim}, f32=shape[dim] > 1)
        yield "pairwise_distance", [floats(4, 6), floats(4, 6)], {"p": p}
        yield "pairwise_distance", [floats(3, 4, 6), floats(4, 6)], {"p": p, "keepdim": True}
    yield "pairwise_distance", [floats(6), floats(6)], {"eps": 0.1}
    yield "normalize", [floats(3, 4, scale=0.01)], {"eps": 0.5}
    yield Case("normalize", [values([2, 3], [0, 0, 0, 1, 2, 2])], second=False)  # PyTorch's is NaN at 0
    for a, b, o in (([4, 6], [4, 6], {}), ([2, 3, 5], [2, 3, 5], {"dim": -1}), ([2, 3, 5], [3, 1], {"dim": 2}), ([4, 6], [4, 6], {"dim": 0}), ([7], [7], {"dim": 0})):
        yield Case("cosine_similarity", [floats(*a), floats(*b)], o, f32=b != [3, 1])
    for shape in ([2, 5, 3], [2, 5, 3, 2], [1, 1, 4]):
        for o in ({"size": 2}, {"size": 3, "alpha": 0.5, "beta": 0.6, "k": 2.0}, {"size": 1}, {"size": 7, "alpha": 1.0}):
            yield "local_response_norm", [floats(*shape, scale=2.0)], o
    yield Case("local_response_norm", [floats(3, 4)], {"size": 2}, refused="local_response_norm: expected an input [N, C, ...]")
    for heads in ([4], [2, 3], [], [1]):
        yield "bilinear", [floats(*heads, 3), floats(*heads, 5), floats(2, 3, 5), floats(2)], {}
        yield "bilinear", [floats(*heads, 3), floats(*heads, 5), floats(2, 3, 5)], {}
    yield Case("bilinear", [floats(4, 3), floats(4, 4), floats(2, 3, 5)], refused="bilinear: expected inputs [..., in1], [..., in2]")

    X, T = floats(4, 5, scale=3.0), floats(4, 5, scale=3.0)
    for r in REDUCTIONS:
        o = {"reduction": r}
        for beta in (1.0, 0.5, 0.0, 4.0):
            yield "smooth_l1_loss", [X, T], {**o, "beta": beta}
        for delta in (1.0, 0.3, 5.0):
            yield "huber_loss", [X, T], {**o, "delta": delta}
        for shape in ([3], [2, 1, 3], []):
            yield "smooth_l1_loss", [floats(*shape, scale=2.0), constant(floats(*shape))], o
            yield "huber_loss", [floats(*shape, scale=2.0), constant(floats(*shape))], o
        for log_target in (False, True):
            for rr in (r, "batchmean"):
                yield "kl_div", [X, T if log_target else unit(4, 5)], {"reduction": rr, "log_target": log_target}
        yield "kl_div", [floats(2, 3), constant(values([2, 3], [0, 0.5, 0.5, 1, 0, 0]))], o
        for shape in ([4, 5], [7], [2, 3, 2]):
            yield "soft_margin_loss", [floats(*shape, scale=4.0), sign(*shape)], o
            for margin in (1.0, 0.2):
                yield "hinge_embedding_loss", [floats(*shape, scale=2.0), sign(*shape)], {**o, "margin": margin}
            for margin in (0.0, 0.4):
                yield "margin_ranking_loss", [floats(*shape, scale=2.0), floats(*shape), sign(*shape)], {**o, "margin": margin}
        yield "soft_margin_loss", [floats(3, 4, scale=400.0), sign(3, 4)], o
        for log_input in (True, False):
            for full in (True, False):
                yield "poisson_nll_loss", [unit(4, 5), floats(4, 5, scale=2.0, offset=2.2)], {**o, "log_input": log_input, "full": full}
        yield "poisson_nll_loss", [unit(4, 5), constant(unit(4, 5))], {**o, "log_input": False, "eps": 0.1}
        for full in (True, False):
            for var in ([4, 5], [4, 1], [4]):
                yield "gaussian_nll_loss", [X, T, floats(*var, scale=0.5, offset=0.8)], {**o, "full": full}
        yield "gaussian_nll_loss", [X, T, floats(4, 5, scale=0.5, offset=0.8)], {**o, "eps": 0.7}
        for shape in ([4, 5], [5], [2, 3, 5]):
            t = constant(values(shape, [float(i % 2) for i in range(torch.Size(shape).numel())]))
            yield "multilabel_soft_margin_loss", [floats(*shape, scale=4.0), t], o
            yield "multilabel_soft_margin_loss", [floats(*shape, scale=4.0), t, constant(unit(5))], o
        for p in (1, 2):
            for margin in (1.0, 0.4):
                yield Case("multi_margin_loss", [floats(4, 5), labels(4, classes=5)], {**o, "p": p, "margin": margin}, second=False)
            yield Case("multi_margin_loss", [floats(4, 5), labels(4, classes=5), constant(unit(5))], {**o, "p": p}, second=False)
            yield Case("multi_margin_loss", [floats(5), labels(classes=5)], {**o, "p": p}, second=False)
        for n, c in ((4, 5), (1, 3), (6, 8)):
            yield Case("multilabel_margin_loss", [floats(n, c), values([n, c], multilabel(n, c), dtype="int64")], o, second=False)
        yield Case("multilabel_margin_loss", [floats(4), values([4], [3, 0, -1, 1], dtype="int64")], o, second=False)
        yield "huber_loss", [floats(0, 5), floats(0, 5)], {"reduction": "none"}
        for margin in (0.0, 0.3, -0.5):
            yield "cosine_embedding_loss", [floats(6, 4), floats(6, 4), sign(6)], {**o, "margin": margin}
        yield "cosine_embedding_loss", [floats(4), floats(4), sign()], o
        triple = [floats(5, 4), floats(5, 4), floats(5, 4)]
        for options in ({}, {"margin": 0.2}, {"swap": True}, {"p": 1.0}, {"p": 3.0, "swap": True}, {"eps": 0.1}):
            yield "triplet_margin_loss", triple, {**o, **options}
        yield "triplet_margin_loss", [floats(4), floats(4), floats(4)], o
        for options in ({}, {"margin": 0.2, "swap": True}):
            yield "triplet_l1", triple, {**o, **options}
        for x, t in (([2, 4, 3], [2, 3]), ([2, 4, 3, 2], [2, 3, 2]), ([4], []), ([1, 4, 1, 1, 2], [1, 1, 1, 2]), ([3, 1], [3])):
            c = x[1] if len(x) > 1 else x[0]
            for options in ({}, {"ignore_index": 1}):
                if c == 1 and options:
                    continue
                yield "nll_loss", [floats(*x), labels(*t, classes=c)], {**o, **options}
                yield "nll_loss", [floats(*x), labels(*t, classes=c), constant(unit(c))], {**o, **options}
                yield "cross_entropy", [floats(*x, scale=3.0), labels(*t, classes=c)], {**o, **options}
                yield "cross_entropy", [floats(*x, scale=3.0), labels(*t, classes=c), constant(unit(c))], {**o, **options, "label_smoothing": 0.2}
            for options in ({}, {"label_smoothing": 0.3}):
                yield "cross_entropy", [floats(*x, scale=3.0), unit(*x)], {**o, **options}
                yield "cross_entropy", [floats(*x, scale=3.0), constant(unit(*x)), constant(unit(c))], {**o, **options}
        B = constant(unit(4, 5))
        yield "bce_logits", [X, B, constant(unit(4, 5))], o
        yield "bce_logits", [X, B, constant(unit(5)), constant(floats(5, scale=1.0, offset=2.0))], o
        yield "bce_logits_pos", [floats(4, 5, scale=40.0), B, constant(floats(4, 5, scale=1.0, offset=2.0))], o
        yield "bce_logits_pos", [X, B, constant(values([1], [3.0]))], o
        yield "bce", [unit(4, 5), B, constant(unit(4, 5))], o
        yield "bce", [unit(4, 5), B, constant(unit(5))], o
    for op, third in (("smooth_l1_loss", []), ("huber_loss", []), ("kl_div", []), ("soft_margin_loss", []), ("hinge_embedding_loss", []), ("poisson_nll_loss", []),
                      ("gaussian_nll_loss", [unit(4, 5)]), ("multilabel_soft_margin_loss", [])):
        yield Case(op, [X, floats(4, 1), *third], {"reduction": "mean"}, refused=op + ": expected a target of the input's shape")
    yield Case("gaussian_nll_loss", [X, T, unit(5)], {"reduction": "mean"}, refused="gaussian_nll_loss: expected a var of the input's shape")
    yield Case("multi_margin_loss", [floats(4, 5), values([4], [0, 1, 2, 5], dtype="int64")], {"reduction": "mean"}, refused="a label is not in [0, 5)")
    yield Case("multi_margin_loss", [floats(4, 5), labels(3, classes=5)], {"reduction": "mean"}, refused="multi_margin_loss: expected a target of labels [4]")
    yield Case("multi_margin_loss", [floats(4, 5), labels(4, classes=5)], {"reduction": "mean", "p": 3}, refused="multi_margin_loss: expected p 1 or 2")
    yield Case("multilabel_margin_loss", [floats(2, 3), labels(2, classes=3)], {"reduction": "mean"}, refused="multilabel_margin_loss: expected a target of labels [2, 3]")
    yield Case("multilabel_margin_loss", [floats(1, 3), values([1, 3], [0, 7, -1], dtype="int64")], {"reduction": "mean"}, refused="a label is not in [0, 3)")
    yield Case("cosine_embedding_loss", [floats(4, 3), floats(4, 3), floats(3)], {"reduction": "mean"}, refused="cosine_embedding_loss: expected a target [4]")
    yield Case("triplet_margin_loss", [floats(4, 3), floats(3), floats(4, 3)], {"reduction": "mean"}, refused="triplet_margin_loss: expected three tensors of one rank")
    yield Case("margin_ranking_loss", [floats(4, 3), floats(3), floats(4, 3)], {"reduction": "mean"}, refused="margin_ranking_loss: expected three tensors of one rank")
    yield Case("cross_entropy", [floats(2, 4, 3), labels(2, 4, classes=3)], {"reduction": "mean"}, refused="cross_entropy: expected an input [N, C, ...] or [C]")
    yield Case("huber_loss", [X, T], {"reduction": "mean", "delta": 0.0}, refused="huber_loss: expected delta above 0")
    yield Case("smooth_l1_loss", [X, T], {"reduction": "mean", "beta": -1.0}, refused="smooth_l1_loss: expected beta at least 0")
    yield Case("alpha_dropout", [X], {"p": 1.5, "training": True}, refused="alpha_dropout: expected a probability")
    yield Case("dropout2d", [floats(2, 3)], {"training": True}, refused="dropout2d: expected 3 or 4 dimensions")
    yield "alpha_dropout", [X], {"p": 0.3, "training": False}
    yield "dropout2d", [floats(2, 3, 4, 4)], {"training": False}


write(__file__, OPS, cases())
