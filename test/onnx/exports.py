"""PyTorch's own exports of small networks, as cases for `onnx_testdata --data FOLDER`: both of its exporters, opsets 17 to 20. test/onnx/exports
holds what it wrote with PyTorch 2.13.

usage: exports.py FOLDER [WIDTH]        (Python with torch, onnx and onnxscript; WIDTH 2: channels of the first layers)
"""
import os, sys, warnings
import numpy, onnx, torch
from onnx import numpy_helper
from torch import nn

warnings.filterwarnings("ignore")


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.down = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else None

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.down is None else self.down(x)))


def resnet18(width):
    """ResNet-18's graph, narrow."""
    layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    for i, (a, b) in enumerate([(1, 1), (1, 2), (2, 4), (4, 8)]):
        layers += [Block(a * width, b * width, 1 if i == 0 else 2), Block(b * width, b * width, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * width, 10))


def vgg11(width):
    layers, channels = [], 3
    for v in [1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"]:
        layers += [nn.MaxPool2d(2)] if v == "M" else [nn.Conv2d(channels, v * width, 3, padding=1), nn.ReLU()]
        channels = channels if v == "M" else v * width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 10))


class LSTMClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.fc = nn.Embedding(50, 12), nn.LSTM(12, 16, 2, batch_first=True, bidirectional=True), nn.Linear(32, 5)

    def forward(self, x):
        return self.fc(self.lstm(self.embedding(x))[0][:, -1])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, activation="gelu"), 2, enable_nested_tensor=False)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        return self.fc(self.encoder(x).mean(1))


class Steps(nn.Module):
    """A loop of as many steps as an input says, and one that ends where the data says so."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, n):
        for _ in range(int(n)):
            x = torch.tanh(self.fc(x))
        while bool(x.abs().sum() < 20.0):
            x = x * 1.5
        return x


def cases(width):
    image = lambda n, s: torch.randn(n, 3, s, s)
    yield "resnet18", resnet18(width), lambda n: (image(n, 24),)
    yield "vgg11", vgg11(width), lambda n: (image(n, 32),)
    yield "lstm", LSTMClassifier(), lambda n: (torch.randint(0, 50, (n, 7)),)
    yield "transformer", Encoder(), lambda n: (torch.randn(n, 6, 16),)
    yield "steps", torch.jit.script(Steps()), lambda n: (torch.randn(n, 4), torch.tensor(n))


def strip(graph):
    """Where the exporter ran is of no use here."""
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props"), part.ClearField("doc_string")


def export(model, x, path, opset, dynamo):
    if len(x) > 1:
        torch.onnx.export(model, x, path, opset_version=opset, dynamo=False, input_names=["x", "n"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
    elif dynamo:
        torch.onnx.export(model, x, path, opset_version=opset, dynamo=True, input_names=["x"], output_names=["y"], dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False)
    else:
        torch.onnx.export(model, x, path, opset_version=opset, dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})


def main(folder, width=2):
    torch.manual_seed(0)
    for name, model, inputs in cases(width):
        for p in model.buffers():  # statistics that are not those of a fresh layer
            if p.is_floating_point():
                p.uniform_(0.5, 1.5)
        model.eval()
        scripted = isinstance(model, torch.jit.ScriptModule)
        for dynamo, opset in [(False, 17), (False, 20)] + ([] if scripted else [(True, 18), (True, 20)]):
            case = os.path.join(folder, "pytorch", f"{name}_{'dynamo' if dynamo else 'script'}_{opset}")
            os.makedirs(case, exist_ok=True)
            try:
                path = os.path.join(case, "model.onnx")
                export(model, inputs(2), path, opset, dynamo)
                exported = onnx.load(path)
                strip(exported.graph)
                onnx.save(exported, path)
            except Exception as e:
                print(f"{case}: PyTorch does not export it: {str(e).splitlines()[0][:150]}")
                continue
            for k, n in enumerate((3,)):  # another batch than the exporter saw
                data = os.path.join(case, f"test_data_set_{k}")
                os.makedirs(data, exist_ok=True)
                x = inputs(n)
                with torch.no_grad():
                    y = model(*x)
                for kind, tensors in (("input", x), ("output", (y,))):
                    for i, t in enumerate(tensors):
                        with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as f:
                            f.write(numpy_helper.from_array(t.numpy()).SerializeToString())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
