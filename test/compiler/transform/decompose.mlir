// Composites become prim; with a gradient pending, those that have a derivative of their own wait for it.
// RUN: tenon-opt %s --decompose | FileCheck %s
// RUN: tenon-opt %s --decompose=keep-differentiable | FileCheck %s --check-prefix=KEEP

// CHECK-NOT: nn.
// CHECK-LABEL: @layer
// CHECK: prim.contract
// CHECK: prim.broadcast
// CHECK: prim.add
// CHECK: prim.compare le
// CHECK: prim.select
func.func @layer(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %0 = nn.linear %x, %w, %b : tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>
  %1 = nn.relu %0 : tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// CHECK-NOT: nn.
// KEEP-LABEL: @kept
// KEEP: %[[S:.*]] = nn.sigmoid
// KEEP: prim.mul %arg0, %[[S]]
func.func @kept(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = nn.silu %x : tensor<3xf32>
  %l = prim.reduce_sum %0 {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}

// An optimizer's update: what is the same for all elements is computed once, as scalars.
// CHECK-LABEL: @update
// CHECK: %[[LR:.*]] = prim.neg %arg0 : tensor<f32>
// CHECK-NOT: prim.neg
// CHECK: %[[L:.*]] = prim.broadcast %[[LR]] {dimensions = array<i64>} : tensor<f32> to tensor<2x3xf32>
// CHECK: %[[D:.*]] = prim.mul %[[L]], %arg3 : tensor<2x3xf32>
// CHECK: prim.add %arg1, %[[D]] : tensor<2x3xf32>
// CHECK: prim.mul %{{.*}}, %arg4 : tensor<3xf32>
// CHECK: prim.add %arg2, %{{.*}} : tensor<3xf32>
func.func @update(%lr: tensor<f32>, %w: tensor<2x3xf32>, %b: tensor<3xf32>, %dw: tensor<2x3xf32>, %db: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>) {
  %n:2 = prim.foreach shared(%lr : tensor<f32>) lists(%w, %b, %dw, %db : tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<3xf32>) count(2) {
  ^bb0(%rate: tensor<f32>, %p: tensor<f32>, %g: tensor<f32>):
    %minus = prim.neg %rate : tensor<f32>
    %step = prim.mul %minus, %g : tensor<f32>
    %new = prim.add %p, %step : tensor<f32>
    prim.yield %new : tensor<f32>
  } -> tensor<2x3xf32>, tensor<3xf32>
  return %n#0, %n#1 : tensor<2x3xf32>, tensor<3xf32>
}
