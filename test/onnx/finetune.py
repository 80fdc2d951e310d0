"""What test/unit/frontend/onnx_load_test.cpp reads: a small CNN of PyTorch as ONNX, and PyTorch's own curve of fine-tuning it; a dropout; a weight used in a loop
or a branch and after it.

usage: finetune.py      (Python with torch and onnx); writes data/ beside itself
"""
import json, os, struct
import onnx, onnx.numpy_helper, torch
from onnx import TensorProto, helper
from torch import nn

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def safetensors(path, tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": {torch.float32: "F32", torch.int64: "I64"}[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(4 * 3 * 3, 3)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


def control(name, node, more, nodes):
    """y = `nodes` of x and the weight w, float [3, 2] and [2]."""
    tensors = [helper.make_tensor("w", TensorProto.FLOAT, [2], [0.5, -1.5]), *more]
    graph = helper.make_graph([*nodes, node, helper.make_node("Mul", ["h", "w"], ["y"])], name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 2])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 2])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def controls():
    node, info = helper.make_node, helper.make_tensor_value_info
    row = lambda name: info(name, TensorProto.FLOAT, [2])
    body = helper.make_graph([node("Mul", ["before", "w"], ["m"]), node("Add", ["m", "slice"], ["next"]), node("Identity", ["next"], ["out"])], "body", [row("before"), row("slice")], [row("next"), row("out")])
    control("scan", node("Scan", ["h0", "x"], ["last", "h"], num_scan_inputs=1, body=body), [helper.make_tensor("h0", TensorProto.FLOAT, [2], [1, 1])], [])
    branch = lambda op: helper.make_graph([node(op, ["x", "w"], [op])], op, [], [info(op, TensorProto.FLOAT, [3, 2])])
    control("if", node("If", ["positive"], ["h"], then_branch=branch("Mul"), else_branch=branch("Add")), [helper.make_tensor("zero", TensorProto.FLOAT, [], [0])],
            [node("ReduceSum", ["x"], ["sum"], keepdims=0), node("Greater", ["sum", "zero"], ["positive"])])


def main():
    os.makedirs(HERE, exist_ok=True)
    torch.manual_seed(0)
    net = Net().eval()
    x, target = torch.randn(8, 1, 6, 6), torch.randint(0, 3, (8,))
    # By hand: PyTorch's exporter folds batch norms into convolutions.
    state = {k: v for k, v in net.state_dict().items() if v.is_floating_point()}
    node = helper.make_node
    nodes = [node("Conv", ["x", "features.0.weight", "features.0.bias"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
             node("BatchNormalization", ["c", "features.1.weight", "features.1.bias", "features.1.running_mean", "features.1.running_var"], ["n"]),
             node("Relu", ["n"], ["r"]), node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]), node("Flatten", ["p"], ["f"]),
             node("Gemm", ["f", "fc.weight", "fc.bias"], ["y"], transB=1)]
    graph = helper.make_graph(nodes, "cnn", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 6, 6])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])],
                              [onnx.numpy_helper.from_array(v.numpy(), k) for k, v in state.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), os.path.join(HERE, "cnn.onnx"))
    with torch.no_grad():
        y = net(x)
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    safetensors(os.path.join(HERE, "finetune.safetensors"), {"x": x, "target": target, "y": y, "losses": torch.tensor(losses), "running_mean": net.features[1].running_mean,
                                                             "running_var": net.features[1].running_var, "weight": net.features[0].weight})
    graph = helper.make_graph([helper.make_node("Dropout", ["x", "ratio"], ["y"])], "dropout", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])], [helper.make_tensor("ratio", TensorProto.FLOAT, [], [0.5])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), os.path.join(HERE, "dropout.onnx"))
    controls()


main()
