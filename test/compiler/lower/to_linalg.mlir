// One rule lowers every loop nest: maps and iterators come from the op, constants go into the body, bf16 is computed in f32.
// RUN: tenon-opt %s --lower-to-linalg | FileCheck %s

// CHECK-LABEL: func.func @pointwise
func.func @pointwise(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %c = prim.constant dense<2.0> : tensor<3x4xf32>
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<3x4xf32>)
  // CHECK: %[[TWO:.*]] = arith.constant 2.0
  // CHECK: arith.mulf %{{.*}}, %[[TWO]] : f32
  %y = prim.mul %x, %c : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// A contraction accumulates by fma from a filled tensor.
// CHECK-LABEL: func.func @contract
func.func @contract(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>) -> tensor<2x4xf32> {
  // CHECK: linalg.fill
  // CHECK: iterator_types = ["parallel", "parallel", "reduction"]
  // CHECK: math.fma
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<2x3xf32>, tensor<4x3xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @storage
func.func @storage(%x: tensor<4xbf16>) -> tensor<bf16> {
  // CHECK: outs(%{{.*}} : tensor<f32>)
  // CHECK: arith.extf %{{.*}} : bf16 to f32
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  %s = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<4xbf16>
  return %s : tensor<bf16>
}

// Axes of size 1 come and go by indexing; other reshapes are views and stay.
// CHECK-LABEL: func.func @views
func.func @views(%x: tensor<4x1x6xf32>) -> (tensor<4x6xf32>, tensor<24xf32>) {
  // CHECK: linalg.generic
  %a = prim.reshape %x : tensor<4x1x6xf32> to tensor<4x6xf32>
  // CHECK: prim.reshape
  %b = prim.reshape %x : tensor<4x1x6xf32> to tensor<24xf32>
  return %a, %b : tensor<4x6xf32>, tensor<24xf32>
}
