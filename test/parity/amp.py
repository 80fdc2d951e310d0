"""PyTorch's losses and scales under autocast, written to amp.json: bfloat16 without a scaler, float16 with one that overflows at first.

usage: amp.py     (PyTorch 2.13, on the CPU)

A case is a perceptron of float32 (relu between the layers) trained with Adam on one batch. Weights layer by layer (weight [out, in], bias
[out], scale 1/sqrt(in)), then the batch (inputs times `spread`, labels), all from Sequence(1).
"""
import json, os
import torch
import torch.nn.functional as F
from sequence import Sequence

CASES = [
    {"name": "bfloat16", "dtype": "bfloat16", "model": [20, 32, 5], "batch": 16, "spread": 1.0, "steps": 30, "lr": 0.003},
    {"name": "float16_overflows", "dtype": "float16", "model": [20, 32, 5], "batch": 16, "spread": 1.0, "steps": 30, "lr": 0.003,
     "scaler": {"init_scale": 2.0**24, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 4}},
    {"name": "float16_factors", "dtype": "float16", "model": [20, 16, 5], "batch": 8, "spread": 3.0, "steps": 30, "lr": 0.001,
     "scaler": {"init_scale": 3e6, "growth_factor": 1.7, "backoff_factor": 0.3, "growth_interval": 3}},
]


def run(case):
    sequence, sizes = Sequence(1), case["model"]
    layers = []
    for i, o in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(i, o)
        for p, shape in ((layer.weight, [o, i]), (layer.bias, [o])):
            p.data = sequence.tensor(shape, i**-0.5, torch.float32)
        layers.append(layer)
    x = sequence.tensor([case["batch"], sizes[0]], case["spread"], torch.float32)
    y = sequence.labels(case["batch"], sizes[-1])
    optimizer = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=case["lr"])
    scaler = torch.amp.GradScaler("cpu", **case["scaler"]) if "scaler" in case else None
    losses, scales = [], []
    for _ in range(case["steps"]):
        optimizer.zero_grad()
        with torch.autocast("cpu", getattr(torch, case["dtype"])):
            h = x
            for layer in layers[:-1]:
                h = F.relu(layer(h))
            loss = F.cross_entropy(layers[-1](h), y)
        assert loss.dtype == torch.float32
        losses.append(loss.item())
        if scaler is None:
            loss.backward()
            optimizer.step()
            continue
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
    assert all(p.grad.dtype == torch.float32 for layer in layers for p in layer.parameters())
    return {**case, "losses": [round(v, 7) for v in losses], "scales": scales}


if __name__ == "__main__":
    with open(os.path.splitext(os.path.abspath(__file__))[0] + ".json", "w") as f:
        f.write('{"torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(json.dumps(run(c)) for c in CASES)))
