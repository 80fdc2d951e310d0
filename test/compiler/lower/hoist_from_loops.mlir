// What a step does not need of the step before leaves the loop: the projection of the inputs before it, the sum of a weight's gradients after it.
// RUN: tenon-opt %s --lower-to-linalg --hoist-from-loops --canonicalize | FileCheck %s
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so

// Slices of 2 rows and 4 steps: one contraction of 8 rows.
// CHECK-LABEL: @projection(
// CHECK: %[[ROWS:.*]] = prim.reshape %arg1 : tensor<4x2x3xf32> to tensor<8x3xf32>
// CHECK: %[[ALL:.*]] = linalg.generic {{.*}} ins(%[[ROWS]], %arg2 : tensor<8x3xf32>, tensor<3x5xf32>)
// CHECK: %[[STACK:.*]] = prim.reshape %[[ALL]] : tensor<8x5xf32> to tensor<4x2x5xf32>
// CHECK: prim.scan inits(%arg0 : tensor<2x5xf32>) xs(%[[STACK]] : tensor<4x2x5xf32>) length(4) {
// CHECK-NOT: "reduction"
// CHECK: return
func.func @projection(%i: tensor<2x5xf32>, %x: tensor<4x2x3xf32>, %w: tensor<3x5xf32>) -> tensor<2x5xf32> {
  %c = prim.scan inits(%i : tensor<2x5xf32>) xs(%x : tensor<4x2x3xf32>) captured(%w : tensor<3x5xf32>) length(4) {
  ^bb0(%h: tensor<2x5xf32>, %s: tensor<2x3xf32>, %k: tensor<3x5xf32>):
    %p = prim.contract %s, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x3xf32>, tensor<3x5xf32>
    %q = prim.add %p, %h : tensor<2x5xf32>
    %n = prim.tanh %q : tensor<2x5xf32>
    prim.yield %n : tensor<2x5xf32>
  } -> tensor<2x5xf32>
  return %c : tensor<2x5xf32>
}

// The loop gives the rows that are multiplied; their sum over all steps is one contraction, added to what the carry began as.
// CHECK-LABEL: @gradient(
// CHECK: %[[S:.*]]:2 = prim.scan inits(%arg0 : tensor<2x5xf32>) xs(%arg1 : tensor<4x2x5xf32>) length(4) {
// CHECK-NOT: "reduction"
// CHECK: -> tensor<2x5xf32>, tensor<4x2x5xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]{{.*}} tensor<8x5xf32>, tensor<8x5xf32>
// CHECK: arith.addf
// CHECK: return
func.func @gradient(%i: tensor<2x5xf32>, %x: tensor<4x2x5xf32>, %w: tensor<5x5xf32>) -> (tensor<2x5xf32>, tensor<5x5xf32>) {
  %c, %d = prim.scan inits(%i, %w : tensor<2x5xf32>, tensor<5x5xf32>) xs(%x : tensor<4x2x5xf32>) length(4) {
  ^bb0(%h: tensor<2x5xf32>, %g: tensor<5x5xf32>, %s: tensor<2x5xf32>):
    %n = prim.mul %h, %s : tensor<2x5xf32>
    %p = prim.contract %s, %n {maps = [affine_map<(i, o, b) -> (b, i)>, affine_map<(i, o, b) -> (b, o)>, affine_map<(i, o, b) -> (i, o)>]} : tensor<2x5xf32>, tensor<2x5xf32>
    %q = prim.add %g, %p : tensor<5x5xf32>
    prim.yield %n, %q : tensor<2x5xf32>, tensor<5x5xf32>
  } -> tensor<2x5xf32>, tensor<5x5xf32>
  return %c, %d : tensor<2x5xf32>, tensor<5x5xf32>
}

// Where rows are no leading axis the steps are an axis of their own.
// CHECK-LABEL: @columns(
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction"]{{.*}} tensor<4x3x2xf32>, tensor<3x5xf32>
func.func @columns(%i: tensor<2x5xf32>, %x: tensor<4x3x2xf32>, %w: tensor<3x5xf32>) -> tensor<2x5xf32> {
  %c = prim.scan inits(%i : tensor<2x5xf32>) xs(%x : tensor<4x3x2xf32>) captured(%w : tensor<3x5xf32>) length(4) reverse {
  ^bb0(%h: tensor<2x5xf32>, %s: tensor<3x2xf32>, %k: tensor<3x5xf32>):
    %p = prim.contract %s, %k {maps = [affine_map<(b, o, k) -> (k, b)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<3x2xf32>, tensor<3x5xf32>
    %n = prim.mul %p, %h : tensor<2x5xf32>
    prim.yield %n : tensor<2x5xf32>
  } -> tensor<2x5xf32>
  return %c : tensor<2x5xf32>
}
