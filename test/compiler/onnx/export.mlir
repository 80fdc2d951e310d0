// A function leaves with names, state as initializers, and its ops one to one.
// RUN: tenonc %s --emit=onnx -o %t.onnx
// RUN: protoc --decode=onnx.ModelProto -I /usr/include/onnx onnx.proto < %t.onnx | FileCheck %s
// RUN: tenonc %s --emit=onnx --opset=13 -o %t.onnx
// RUN: protoc --decode=onnx.ModelProto -I /usr/include/onnx onnx.proto < %t.onnx | FileCheck %s --check-prefix=OLD

// CHECK: ir_version: 8
// CHECK: producer_name: "tenon"
// CHECK: input: "fc1.weight"
// CHECK: op_type: "Gemm"
// CHECK: name: "transB"
// CHECK: op_type: "Relu"
// CHECK: name: "pixels"
// CHECK: dim_value: 2
// CHECK: name: "scores"
// CHECK: version: 17
// OLD: ir_version: 7
// OLD: version: 13
prim.state @"fc1.weight" : tensor<4x3xf32> = dense<[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]> : tensor<4x3xf32>
func.func @net(%x: tensor<2x3xf32> {tenon.name = "pixels"}) -> (tensor<2x4xf32> {tenon.name = "scores"}) {
  %w = prim.read @"fc1.weight" : tensor<4x3xf32>
  %y = nn.linear %x, %w : tensor<2x3xf32>, tensor<4x3xf32>
  %z = nn.relu %y : tensor<2x4xf32>
  return %z : tensor<2x4xf32>
}
