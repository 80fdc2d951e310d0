// Folds keep every bit: what may go, and what must stay.
// RUN: tenon-opt %s --simplify | FileCheck %s

// CHECK-LABEL: @identities(
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>
// CHECK-NEXT: return %[[X]]
func.func @identities(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = prim.constant dense<1.0> : tensor<4xf32>
  %zero = prim.constant dense<0.0> : tensor<4xf32>
  %0 = prim.mul %x, %one : tensor<4xf32>
  %1 = prim.sub %0, %zero : tensor<4xf32>
  %2 = prim.div %1, %one : tensor<4xf32>
  %3 = prim.neg %2 : tensor<4xf32>
  %4 = prim.neg %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -0 + 0 is 0: not an identity.
// CHECK-LABEL: @plus_zero
// CHECK: prim.add
func.func @plus_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = prim.constant dense<0.0> : tensor<4xf32>
  %0 = prim.add %x, %zero : tensor<4xf32>
  return %0 : tensor<4xf32>
}
// CHECK-LABEL: @integer_plus_zero
// CHECK-NEXT: return %arg0
func.func @integer_plus_zero(%x: tensor<4xi32>) -> tensor<4xi32> {
  %zero = prim.constant dense<0> : tensor<4xi32>
  %0 = prim.add %zero, %x : tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: @shapes(
// CHECK-NEXT: %[[Y:.*]] = prim.broadcast %arg0 {dimensions = array<i64: 2>} : tensor<3xf32> to tensor<4x2x3xf32>
// CHECK-NEXT: return %[[Y]], %arg1
func.func @shapes(%x: tensor<3xf32>, %z: tensor<2x3xf32>) -> (tensor<4x2x3xf32>, tensor<2x3xf32>) {
  %0 = prim.broadcast %x {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<2x3xf32>
  %1 = prim.broadcast %0 {dimensions = array<i64: 1, 2>} : tensor<2x3xf32> to tensor<4x2x3xf32>
  %2 = prim.transpose %z {permutation = array<i64: 1, 0>} : tensor<2x3xf32>
  %3 = prim.transpose %2 {permutation = array<i64: 1, 0>} : tensor<3x2xf32>
  %4 = prim.reshape %3 : tensor<2x3xf32> to tensor<6xf32>
  %5 = prim.reshape %4 : tensor<6xf32> to tensor<2x3xf32>
  return %1, %5 : tensor<4x2x3xf32>, tensor<2x3xf32>
}

// A rounding cast is never folded away; one that loses nothing is.
// CHECK-LABEL: @casts(
// CHECK-NEXT: prim.cast %arg0 : tensor<4xf32> to tensor<4xbf16>
// CHECK-NEXT: prim.cast %{{.*}} : tensor<4xbf16> to tensor<4xf32>
// CHECK-NEXT: return %{{.*}}, %arg0
func.func @casts(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = prim.cast %x : tensor<4xf32> to tensor<4xbf16>
  %1 = prim.cast %0 : tensor<4xbf16> to tensor<4xf32>
  %2 = prim.cast %x : tensor<4xf32> to tensor<4xf64>
  %3 = prim.cast %2 : tensor<4xf64> to tensor<4xf32>
  return %1, %3 : tensor<4xf32>, tensor<4xf32>
}

// Exact arithmetic on constants is done now; functions of the math library wait for run time, whose approximations they must equal.
// CHECK-LABEL: @constants
// CHECK-DAG: prim.constant dense<2.500000e+00> : tensor<4xf32>
// CHECK-DAG: prim.constant dense<true> : tensor<4xi1>
// CHECK: prim.exp
func.func @constants() -> (tensor<4xf32>, tensor<4xi1>, tensor<4xf32>) {
  %a = prim.constant dense<2.0> : tensor<4xf32>
  %b = prim.constant dense<0.5> : tensor<4xf32>
  %0 = prim.add %a, %b : tensor<4xf32>
  %1 = prim.compare gt %a, %b : tensor<4xf32>
  %2 = prim.exp %a : tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xi1>, tensor<4xf32>
}

// Division by a power of two is a product; by another number it is not.
// CHECK-LABEL: @division
// CHECK-DAG: prim.constant dense<1.562500e-02>
// CHECK-DAG: prim.constant dense<6.000000e+01>
// CHECK: prim.mul
// CHECK: prim.div
func.func @division(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = prim.constant dense<64.0> : tensor<4xf32>
  %b = prim.constant dense<60.0> : tensor<4xf32>
  %0 = prim.div %x, %a : tensor<4xf32>
  %1 = prim.div %x, %b : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Transposes become maps of the contraction.
// CHECK-LABEL: @transposed
// CHECK-NEXT: prim.contract %arg0, %arg1
// CHECK-NEXT: return
func.func @transposed(%a: tensor<3x2xf32>, %b: tensor<4x3xf32>) -> tensor<4x2xf32> {
  %0 = prim.transpose %a {permutation = array<i64: 1, 0>} : tensor<3x2xf32>
  %1 = prim.contract %0, %b {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<2x3xf32>, tensor<4x3xf32>
  %2 = prim.transpose %1 {permutation = array<i64: 1, 0>} : tensor<2x4xf32>
  return %2 : tensor<4x2xf32>
}
