"""The family `norm`: batch, layer, group, instance and rms normalisation, with their running statistics."""
import torch
import torch.nn.functional as F
from cases import Case, constant, floats, unit, write


def batch_norm(x, *p, training=True, momentum=0.1, eps=1e-5, affine=2, tracked=True):
    p = list(p)
    mean, variance = (p.pop(0).clone(), p.pop(0).clone()) if tracked else (None, None)
    w, b = (p + [None, None])[:2] if affine != -1 else (None, p[0])
    y = F.batch_norm(x, mean, variance, w, b, training, momentum, eps)
    return (y, mean, variance) if tracked and training else y


def instance_norm(x, *p, use_input_stats=True, momentum=0.1, eps=1e-5, tracked=False):
    p = list(p)
    mean, variance = (p.pop(0).clone(), p.pop(0).clone()) if tracked else (None, None)
    w, b = (p + [None, None])[:2]
    y = F.instance_norm(x, mean, variance, w, b, use_input_stats, momentum, eps)
    return (y, mean, variance) if tracked and use_input_stats else y


OPS = {
    "batch_norm": batch_norm, "instance_norm": instance_norm,
    "layer_norm": lambda x, *p, shape, eps=1e-5: F.layer_norm(x, shape, *p, eps=eps),
    "rms_norm": lambda x, *p, shape, eps=None: F.rms_norm(x, shape, *p, eps=eps),
    "group_norm": lambda x, *p, groups, eps=1e-5: F.group_norm(x, groups, *p, eps=eps),
}
IMAGES = [(4, 3), (2, 5, 7), (3, 4, 5, 6), (2, 3, 2, 3, 4), (1, 3, 9), (16, 1), (2, 33, 3, 3), (3, 2, 1, 5), (40, 17)]


def cases():
    for shape in IMAGES:
        c = shape[1]
        x, affine, running = floats(*shape, scale=2.0, offset=0.5), [floats(c), floats(c)], [constant(floats(c)), constant(unit(c))]
        yield "batch_norm", [x, *running, *affine], {}
        yield "batch_norm", [x, *running, *affine], {"training": False}
        yield "batch_norm", [x, *running], {"momentum": 0.3, "eps": 1e-3}
        yield "batch_norm", [x, *running], {"training": False, "eps": 0.1}
        yield "batch_norm", [x, *affine], {"tracked": False}
        yield "batch_norm", [x, *running, affine[0]], {"momentum": 1.0}
        yield Case("batch_norm", [x, affine[1]], {"tracked": False, "affine": -1}, second=False)  # PyTorch has none
        for groups in {1, c, 2 if c % 2 == 0 else 3 if c % 3 == 0 else 1}:
            if len(shape) > 2 or c // groups > 1:
                yield "group_norm", [x, *affine], {"groups": groups}
                yield "group_norm", [x], {"groups": groups, "eps": 0.01}
        for axis in range(1, len(shape)):
            tail = list(shape[axis:])
            if tail == [1]:
                continue
            parameters = [floats(*tail), floats(*tail)]
            yield "layer_norm", [x, *parameters], {"shape": tail}
            yield "layer_norm", [x], {"shape": tail, "eps": 0.01}
            yield "layer_norm", [x, parameters[0]], {"shape": tail}
            yield "rms_norm", [x, parameters[0]], {"shape": tail}
            yield "rms_norm", [x], {"shape": tail, "eps": 0.1}
        if len(shape) > 2:
            yield "instance_norm", [x, *affine], {}
            yield "instance_norm", [x, *running, *affine], {"tracked": True, "momentum": 0.2}
            yield "instance_norm", [x, *running, *affine], {"tracked": True, "use_input_stats": False}
            yield "instance_norm", [x], {"eps": 0.02}
    far = floats(64, 3, offset=1000.0)  # a large mean: one pass would lose the variance
    yield Case("batch_norm", [far, constant(floats(3)), constant(unit(3))], {}, f32=False)
    yield Case("layer_norm", [floats(5, 200, offset=1000.0)], {"shape": [200]}, f32=False)
    yield "layer_norm", [floats(6, 128), floats(128), floats(128)], {"shape": [128]}
    yield "layer_norm", [floats(3, 5, 100), floats(100), floats(100)], {"shape": [100]}
    yield "batch_norm", [floats(0, 3), constant(floats(3)), constant(unit(3))], {"training": False}
    yield "layer_norm", [floats(0, 3), floats(3), floats(3)], {"shape": [3]}
    yield "rms_norm", [floats(2, 0, 3), floats(3)], {"shape": [3]}
    yield Case("batch_norm", [floats(1, 3), constant(floats(3)), constant(unit(3))], {}, refused="expected more than 1 value per channel when training")
    yield Case("batch_norm", [floats(4, 3), constant(floats(2)), constant(unit(3))], {}, refused="expected a running mean")
    yield Case("instance_norm", [floats(2, 3, 1)], {}, refused="expected more than 1 value per channel of a sample")
    yield Case("group_norm", [floats(2, 3, 4)], {"groups": 2}, refused="divides the channels")
    yield Case("layer_norm", [floats(2, 3)], {"shape": [2]}, refused="ends in the normalized shape [2]")


write(__file__, OPS, cases())
