"""The family `attention`: scaled dot product attention, multi-head attention with its masks and options, Transformer layers, batched products."""
import torch
import torch.nn.functional as F
from torch import nn
from cases import Case, booleans, constant, floats, write


def multihead(q, k, v, *rest, masks="", options={}, weights=True, average=True):
    rest = list(rest)
    chosen = {name: rest.pop(0) for name in masks.split()}
    m = nn.MultiheadAttention(q.shape[-1], 2, **options).double()
    names = [n for n, _ in m.named_parameters()]
    assert [list(p.shape) for p in m.parameters()] == [list(p.shape) for p in rest], [list(p.shape) for p in m.parameters()]
    y, w = torch.func.functional_call(m, dict(zip(names, rest)), (q, k, v), {**chosen, "need_weights": weights, "average_attn_weights": average})
    return (y, w) if weights else y


def layer(kind):
    def run(*inputs, inputs_=1, options={}):
        tensors, parameters = inputs[:inputs_], inputs[inputs_:]
        m = kind(tensors[0].shape[-1], 2, 6, 0.0, **options).double()
        names = [n for n, _ in m.named_parameters()]
        assert [list(p.shape) for p in m.parameters()] == [list(p.shape) for p in parameters], [list(p.shape) for p in m.parameters()]
        return torch.func.functional_call(m, dict(zip(names, parameters)), tensors)
    return run


def attention(q, k, v, *mask, **o):
    return F.scaled_dot_product_attention(q, k, v, *mask, **o)


OPS = {"attention": attention, "multihead": multihead, "encoder_layer": layer(nn.TransformerEncoderLayer), "decoder_layer": layer(nn.TransformerDecoderLayer),
       "matmul": torch.matmul}
E = 4


def shapes(q, k, v):
    return [floats(*q), floats(*k), floats(*v)]


def projections(options):
    kdim, vdim, bias = options.get("kdim", E), options.get("vdim", E), options.get("bias", True)
    p = [floats(3 * E, E)] if kdim == vdim == E else [floats(E, E), floats(E, kdim), floats(E, vdim)]
    p += [floats(3 * E)] if bias else []
    p += [floats(1, 1, E)] * 2 if options.get("add_bias_kv") else []
    return p + [floats(E, E)] + ([floats(E)] if bias else [])


def cases():
    for batch in ((), (3,), (2, 3), (1, 2), (2, 1, 2)):
        for l, s, e, ev in ((5, 6, 4, 3), (1, 4, 2, 2), (4, 1, 1, 5), (17, 17, 8, 8)):
            qkv = shapes((*batch, l, e), (*batch, s, e), (*batch, s, ev))
            yield "attention", qkv, {}
            yield "attention", qkv, {"is_causal": True}
            yield "attention", qkv, {"scale": 0.3}
            yield "attention", [*qkv, floats(l, s)], {}
            yield "attention", [*qkv, constant(floats(*batch, l, s))], {}
            yield "attention", [*qkv, booleans(l, s, p=0.9)], {}
            yield "attention", [*qkv, booleans(1, s, p=0.5)], {"scale": 1.0}
    for heads, shared in ((4, 2), (6, 1), (3, 3)):
        qkv = shapes((2, heads, 5, 4), (2, shared, 7, 4), (2, shared, 7, 3))
        yield "attention", qkv, {"enable_gqa": True}
        yield "attention", qkv, {"enable_gqa": True, "is_causal": True}
    yield Case("attention", shapes((2, 3, 4), (2, 5, 3), (2, 5, 4)), {}, refused="expected a query [..., H, L, E] and a key [..., H, S, E]")
    yield Case("attention", shapes((2, 3, 4), (2, 5, 4), (2, 4, 4)), {}, refused="expected a value")
    yield Case("attention", [*shapes((2, 3, 4), (2, 5, 4), (2, 5, 4)), floats(3, 4)], {}, refused="broadcasts to the scores")
    for options in ({}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True}, {"kdim": 3, "vdim": 5}, {"batch_first": True},
                    {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True}):
        first, kdim, vdim = options.get("batch_first"), options.get("kdim", E), options.get("vdim", E)
        at = lambda n, f: (3, n, f) if first else (n, 3, f)
        x, p = shapes(at(5, E), at(6, kdim), at(6, vdim)), projections(options)
        o = {"options": options} if options else {}
        yield "multihead", [*x, *p], o
        yield "multihead", [*x, *p], {**o, "average": False}
        yield "multihead", [*x, *p], {**o, "weights": False}
        yield "multihead", [*x, constant(booleans(3, 6, p=0.3)), *p], {**o, "masks": "key_padding_mask"}
        yield "multihead", [*x, constant(floats(5, 6)), *p], {**o, "masks": "attn_mask"}
        yield "multihead", [*x, constant(booleans(6, 5, 6, p=0.2)), *p], {**o, "masks": "attn_mask"}
        yield "multihead", [*x, constant(booleans(3, 6, p=0.2)), constant(booleans(5, 6, p=0.2)), *p], {**o, "masks": "key_padding_mask attn_mask", "weights": False}
        yield "multihead", [floats(5, E), floats(6, kdim), floats(6, vdim), *p], o
    square = floats(E, E)
    attend = [floats(3 * E, E), floats(3 * E), square, floats(E)]
    forward, norm = [floats(6, E), floats(6), floats(E, 6), floats(E)], [floats(E), floats(E)]
    for options in ({}, {"norm_first": True}, {"activation": "gelu"}, {"batch_first": True, "layer_norm_eps": 0.01}):
        yield "encoder_layer", [floats(5, 3, E), *attend, *forward, *norm, *norm], {"options": options}
        yield "decoder_layer", [floats(5, 3, E), floats(*((5, 7) if options.get("batch_first") else (7, 3)), E), *attend, *attend, *forward, *norm, *norm, *norm], {"options": options, "inputs_": 2}
    for a, b in (((2, 3, 4, 5), (2, 3, 5, 6)), ((2, 1, 4, 5), (1, 3, 5, 6)), ((3, 4, 5), (2, 1, 5, 6)), ((5,), (2, 3, 5, 6)), ((2, 3, 4, 5), (5,)), ((1, 1, 4, 5), (1, 5, 1)),
                 ((2, 3, 4, 5), (5, 6)), ((4, 5), (3, 5, 6)), ((7, 1, 1), (7, 1, 9))):
        yield "matmul", [floats(*a), floats(*b)], {}
    yield Case("matmul", [floats(2, 3, 4), floats(3, 4, 5)], refused="matmul")


with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # the others have no second derivative
    write(__file__, OPS, cases())
