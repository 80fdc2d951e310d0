// One function at several sizes: what moved is computed from the input's shape, a single moved extent of a reshape is -1.
// RUN: tenonc %s --emit=onnx -o %t.onnx
// RUN: protoc --decode=onnx.ModelProto -I /usr/include/onnx onnx.proto < %t.onnx | FileCheck %s

// CHECK: op_type: "Shape"
// CHECK: op_type: "Concat"
// CHECK: op_type: "Expand"
// CHECK: op_type: "Reshape"
// CHECK: raw_data: "\003\000\000\000\000\000\000\000\377\377\377\377\377\377\377\377"
// CHECK: dim_param: "batch"
func.func @f(%x: tensor<2x3xf32>, %v: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3x2xf32>) attributes {tenon.function = "f"} {
  %y = prim.broadcast %v {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<2x3xf32>
  %z = prim.reshape %x : tensor<2x3xf32> to tensor<3x2xf32>
  return %y, %z : tensor<2x3xf32>, tensor<3x2xf32>
}
func.func @f.1(%x: tensor<4x3xf32>, %v: tensor<3xf32>) -> (tensor<4x3xf32>, tensor<3x4xf32>) attributes {tenon.function = "f"} {
  %y = prim.broadcast %v {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<4x3xf32>
  %z = prim.reshape %x : tensor<4x3xf32> to tensor<3x4xf32>
  return %y, %z : tensor<4x3xf32>, tensor<3x4xf32>
}
func.func @f.2(%x: tensor<5x3xf32>, %v: tensor<3xf32>) -> (tensor<5x3xf32>, tensor<3x5xf32>) attributes {tenon.function = "f"} {
  %y = prim.broadcast %v {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<5x3xf32>
  %z = prim.reshape %x : tensor<5x3xf32> to tensor<3x5xf32>
  return %y, %z : tensor<5x3xf32>, tensor<3x5xf32>
}
