// Pooling is a few slices of its input: no loop over the window, and nothing is scattered.
// RUN: tenon-opt %s --decompose --split-input-file | FileCheck %s
// RUN: tenon-opt %s --prim-pipeline --split-input-file | FileCheck %s --check-prefix=GRADIENT

// CHECK-LABEL: @max
// CHECK-COUNT-4: prim.slice
// CHECK-COUNT-3: prim.max
// CHECK-NOT: prim.
func.func @max(%x: tensor<2x3x4x4xf32>) -> tensor<2x3x2x2xf32> {
  %y = nn.max_pool %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>} : tensor<2x3x4x4xf32>
  return %y : tensor<2x3x2x2xf32>
}
// -----
// Windows over all of the input are a reduction.
// CHECK-LABEL: @global
// CHECK-NOT: prim.slice
// CHECK: prim.reduce_sum {{.*}} : tensor<2x3x1x8x1x8xf32>
func.func @global(%x: tensor<2x3x8x8xf32>) -> tensor<2x3x1x1xf32> {
  %y = nn.avg_pool %x {kernel = array<i64: 8, 8>, stride = array<i64: 8, 8>, padding = array<i64: 0, 0>} : tensor<2x3x8x8xf32>
  return %y : tensor<2x3x1x1xf32>
}
// -----
// A wide window is one dimension after the other.
// CHECK-LABEL: @wide
// CHECK-COUNT-10: prim.slice
// CHECK-NOT: prim.slice
func.func @wide(%x: tensor<2x16x16xf32>) -> tensor<2x12x12xf32> {
  %y = nn.max_pool %x {kernel = array<i64: 5, 5>, stride = array<i64: 1, 1>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>} : tensor<2x16x16xf32>
  return %y : tensor<2x12x12xf32>
}
// -----
// Each element looks into the one window that covers it.
// CHECK-LABEL: @gradient
// GRADIENT-LABEL: @gradient
// GRADIENT-NOT: prim.pad
// GRADIENT: prim.repeat_interleave
// GRADIENT: prim.select
func.func @gradient(%x: tensor<3x4x4xf32>, %dy: tensor<3x2x2xf32>) -> tensor<3x4x4xf32> {
  %y = nn.max_pool %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>} : tensor<3x4x4xf32>
  %dx = prim.gradient %y seed %dy wrt(%x) : tensor<3x2x2xf32> seed tensor<3x2x2xf32> wrt tensor<3x4x4xf32>
  return %dx : tensor<3x4x4xf32>
}
