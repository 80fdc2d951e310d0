"""The node cases that the Python package onnx generates, newer than Debian's, as cases for `onnx_testdata --data FOLDER`.

usage: node_cases.py FOLDER        (Python with onnx)
"""
import os, sys
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases


def tensor(value, port):
    if port.type.HasField("sequence_type"):
        return numpy_helper.from_list(value, port.name)
    if port.type.HasField("optional_type"):
        return numpy_helper.from_optional(value, port.name)
    return value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(value, port.name)


for case in collect_testcases(None):
    folder = os.path.join(sys.argv[1], "node", case.name)
    for number, (inputs, outputs) in enumerate(case.data_sets):
        data = os.path.join(folder, f"test_data_set_{number}")
        os.makedirs(data, exist_ok=True)
        for kind, values, ports in (("input", inputs, case.model.graph.input), ("output", outputs, case.model.graph.output)):
            for i, (value, port) in enumerate(zip(values, ports)):
                with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as f:
                    f.write(tensor(value, port).SerializeToString())
    onnx.save(case.model, os.path.join(folder, "model.onnx"))
