// Convolution: what it computes, and its derivatives as convolutions with the maps exchanged.
// RUN: tenon-opt %s --prim-pipeline | FileCheck %s

// x read through (2 o + k - 1): the input's gradient reads dy through (i - k + 1) / 2, the kernel's x with o and k exchanged.
// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d4, d2, d3)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d2, d4, d3)>
// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d1 + d3)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d1)>
// CHECK-DAG: #[[DEPTHWISE:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d0, d2 + d3)>
// CHECK-LABEL: func @stride
// CHECK: prim.conv %arg2, %arg1
// CHECK-SAME: dilations = array<i64: -1>, input_dilations = array<i64: 2>, maps = [#[[X]], #[[TURNED]], #[[Y]]], padding = array<i64: -1>, strides = array<i64: 1>
// CHECK-SAME: to tensor<2x3x8xf32>
// CHECK: prim.conv %arg0, %arg2
// CHECK-SAME: dilations = array<i64: 2>, input_dilations = array<i64: 1>, maps = [#[[X]], #[[Y]], #[[W]]], padding = array<i64: 1>, strides = array<i64: 1>
// CHECK-SAME: to tensor<4x3x3xf32>
func.func @stride(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>, %s: tensor<2x4x4xf32>) -> (tensor<2x3x8xf32>, tensor<4x3x3xf32>) {
  %y = nn.conv %x, %w {stride = array<i64: 2>, low = array<i64: 1>, high = array<i64: 1>, dilation = array<i64: 1>, groups = 1} : tensor<2x3x8xf32>, tensor<4x3x3xf32>
  %dx, %dw = prim.gradient %y seed %s wrt(%x, %w) : tensor<2x4x4xf32> seed tensor<2x4x4xf32> wrt tensor<2x3x8xf32>, tensor<4x3x3xf32>
  return %dx, %dw : tensor<2x3x8xf32>, tensor<4x3x3xf32>
}

// Groups are an index of all three maps; depthwise there is no other.
// CHECK-LABEL: func @depthwise
// CHECK: prim.conv
// CHECK-SAME: maps = [#[[DEPTHWISE]],
func.func @depthwise(%x: tensor<2x3x8xf32>, %w: tensor<3x1x3xf32>) -> tensor<2x3x6xf32> {
  %y = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 3} : tensor<2x3x8xf32>, tensor<3x1x3xf32>
  return %y : tensor<2x3x6xf32>
}
