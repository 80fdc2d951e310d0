// The reverse sweep: what it makes, and that nothing else is made.
// RUN: tenon-opt %s --differentiate --simplify | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// d sum(exp(x)) / dx = exp(x).
// CHECK-LABEL: @chain(
// CHECK-NEXT: %[[Y:.*]] = prim.exp %arg0
// CHECK-NEXT: return %[[Y]]
func.func @chain(%x: tensor<3xf32>) -> tensor<3xf32> {
  %y = prim.exp %x : tensor<3xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}

// A contraction's derivatives are contractions; for a frozen weight none is made.
// CHECK-LABEL: @frozen(
// CHECK: prim.contract %{{.*}}, %arg2
// CHECK-NOT: prim.contract
// CHECK: return
func.func @frozen(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %v: tensor<5x4xf32>, %d: tensor<2x5xf32>) -> tensor<2x4xf32> {
  %h = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<2x3xf32>, tensor<4x3xf32>
  %y = prim.contract %h, %v {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<2x4xf32>, tensor<5x4xf32>
  // With respect to an intermediate value, seeded.
  %g = prim.gradient %y seed %d wrt(%h) : tensor<2x5xf32> seed tensor<2x5xf32> wrt tensor<2x4xf32>
  return %g : tensor<2x4xf32>
}

// No path: zeros. Through stop_gradient there is none.
// CHECK-LABEL: @nopath(
// CHECK: %[[Z:.*]] = prim.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK: return %[[Z]], %[[Z]]
func.func @nopath(%x: tensor<3xf32>, %z: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %s = prim.stop_gradient %x : tensor<3xf32>
  %l = prim.reduce_sum %s {dimensions = array<i64: 0>} : tensor<3xf32>
  %g:2 = prim.gradient %l wrt(%x, %z) : tensor<f32> wrt tensor<3xf32>, tensor<3xf32>
  return %g#0, %g#1 : tensor<3xf32>, tensor<3xf32>
}

// The gradient of a gradient: (x^3)'' = 6 x.
// VALUE: second: dense<[6.000000e+00, -1.200000e+01]>
func.func @second() -> tensor<2xf32> {
  %x = prim.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %xx = prim.mul %x, %x : tensor<2xf32>
  %xxx = prim.mul %xx, %x : tensor<2xf32>
  %l = prim.reduce_sum %xxx {dimensions = array<i64: 0>} : tensor<2xf32>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<2xf32>
  %m = prim.reduce_sum %g {dimensions = array<i64: 0>} : tensor<2xf32>
  %h = prim.gradient %m wrt(%x) : tensor<f32> wrt tensor<2xf32>
  return %h : tensor<2xf32>
}

// A value and what it was made from: each gets its whole derivative. l = (2x)^2, dl/d(2x) = 4x, dl/dx = 8x.
// VALUE: intermediate: dense<1.200000e+01>
// VALUE: intermediate: dense<2.400000e+01>
func.func @intermediate() -> (tensor<f32>, tensor<f32>) {
  %x = prim.constant dense<3.0> : tensor<f32>
  %h = prim.add %x, %x : tensor<f32>
  %l = prim.mul %h, %h : tensor<f32>
  %g:2 = prim.gradient %l wrt(%h, %x) : tensor<f32> wrt tensor<f32>, tensor<f32>
  return %g#0, %g#1 : tensor<f32>, tensor<f32>
}

// saved: the value is the stored one, the derivative that of the computed one.
// VALUE: saved: dense<9.000000e+00>
// VALUE: saved: dense<6.000000e+00>
func.func @saved() -> (tensor<f32>, tensor<f32>) {
  %x = prim.constant dense<3.0> : tensor<f32>
  %stored = prim.constant dense<9.0> : tensor<f32>
  %computed = prim.mul %x, %x : tensor<f32>
  %y = prim.saved %computed, %stored : tensor<f32>
  %g = prim.gradient %y wrt(%x) : tensor<f32> wrt tensor<f32>
  return %y, %g : tensor<f32>, tensor<f32>
}
