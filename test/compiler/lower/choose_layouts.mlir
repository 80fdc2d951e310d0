// Tensors around convolutions have channels last; pointwise ops follow; what has an order outside (arguments, results) is copied.
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise --choose-layouts | FileCheck %s

// CHECK-LABEL: func @follows
// CHECK-SAME: %[[X:.*]]: tensor<8x3x8xf32>, %[[W:.*]]: tensor<4x3x3xf32>, %[[V:.*]]: tensor<5x4x1xf32>
// The input and the kernel are arguments: copied to [n, i, c] and [k, c, f].
// CHECK-DAG: linalg.generic {{.*}} ins(%[[X]] : tensor<8x3x8xf32>) outs({{.*}} : tensor<8x8x3xf32>)
// CHECK-DAG: linalg.generic {{.*}} ins(%[[W]] : tensor<4x3x3xf32>) outs({{.*}} : tensor<3x3x4xf32>)
// The convolution, the relu after it and the next convolution meet in [n, i, f] without a copy.
// CHECK: linalg.generic {{.*}} ins({{.*}} : tensor<8x8x3xf32>, tensor<3x3x4xf32>) outs({{.*}} : tensor<8x8x4xf32>) attrs = {windows = array<i64: 1, 1, 3, 1, 1, 1, 1>}
// CHECK: %[[RELU:.*]] = linalg.generic {{.*}} ins({{.*}} : tensor<8x8x4xf32>) outs({{.*}} : tensor<8x8x4xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[RELU]], {{.*}} : tensor<8x8x4xf32>, tensor<1x4x5xf32>) outs({{.*}} : tensor<8x8x5xf32>) attrs = {windows
// The result is known outside as [n, f, i].
// CHECK: linalg.generic {{.*}} ins({{.*}} : tensor<8x8x5xf32>) outs({{.*}} : tensor<8x5x8xf32>)
func.func @follows(%x: tensor<8x3x8xf32>, %w: tensor<4x3x3xf32>, %v: tensor<5x4x1xf32>) -> tensor<8x5x8xf32> {
  %y = prim.conv %x, %w {maps = [affine_map<(n, h, f, k, c) -> (n, c, h + k)>, affine_map<(n, h, f, k, c) -> (f, c, k)>, affine_map<(n, h, f, k, c) -> (n, f, h)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 1>, input_dilations = array<i64: 1>} : tensor<8x3x8xf32>, tensor<4x3x3xf32> to tensor<8x4x8xf32>
  %r = prim.tanh %y : tensor<8x4x8xf32>
  %z = prim.conv %r, %v {maps = [affine_map<(n, h, f, k, c) -> (n, c, h + k)>, affine_map<(n, h, f, k, c) -> (f, c, k)>, affine_map<(n, h, f, k, c) -> (n, f, h)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<8x4x8xf32>, tensor<5x4x1xf32> to tensor<8x5x8xf32>
  return %z : tensor<8x5x8xf32>
}

// Without convolutions nothing moves.
// CHECK-LABEL: func @nothing
// CHECK: outs({{.*}} : tensor<8x3x8xf32>)
// CHECK-NOT: linalg.generic
func.func @nothing(%x: tensor<8x3x8xf32>) -> tensor<8x3x8xf32> {
  %y = prim.tanh %x : tensor<8x3x8xf32>
  return %y : tensor<8x3x8xf32>
}
