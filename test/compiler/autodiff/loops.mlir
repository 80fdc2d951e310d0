// Derivatives of loops and branches: the backward pass of a scan is a scan the other way; only what it reads is kept.
// RUN: tenon-opt %s --prim-pipeline --split-input-file --verify-diagnostics | FileCheck %s

// h' = tanh(h w + x): the forward loop also gives the h that went in and came out; the gradient of w is summed by a carry.
// CHECK-LABEL: @rnn(
// CHECK: %[[F:.*]]:3 = prim.scan inits(%arg0 : tensor<2x3xf32>) xs(%arg1 : tensor<4x2x3xf32>) captured(%arg2 : tensor<3x3xf32>) length(4) {
// CHECK: prim.tanh
// CHECK: prim.scan
// CHECK-SAME: length(4) reverse
// CHECK-NOT: prim.tanh
// CHECK: prim.contract
// CHECK: prim.contract
// CHECK: return
func.func @rnn(%i: tensor<2x3xf32>, %x: tensor<4x2x3xf32>, %w: tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<4x2x3xf32>) {
  %c, %y = prim.scan inits(%i : tensor<2x3xf32>) xs(%x : tensor<4x2x3xf32>) captured(%w : tensor<3x3xf32>) length(4) {
  ^bb0(%h: tensor<2x3xf32>, %s: tensor<2x3xf32>, %k: tensor<3x3xf32>):
    %p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x3xf32>, tensor<3x3xf32>
    %q = prim.add %p, %s : tensor<2x3xf32>
    %n = prim.tanh %q : tensor<2x3xf32>
    prim.yield %n, %n : tensor<2x3xf32>, tensor<2x3xf32>
  } -> tensor<2x3xf32>, tensor<4x2x3xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0, 1, 2>} : tensor<4x2x3xf32>
  %dw, %dx = prim.gradient %l wrt(%w, %x) : tensor<f32> wrt tensor<3x3xf32>, tensor<4x2x3xf32>
  return %dw, %dx : tensor<3x3xf32>, tensor<4x2x3xf32>
}

// A carry that no gradient comes through has none: the counter, and what only it makes.
// CHECK-LABEL: @counted(
// CHECK: prim.scan
// CHECK: prim.scan inits(%{{[^:]*}} : tensor<3xf32>) xs(%{{[^:]*}} : tensor<4x3xf32>) length(4) reverse {
// CHECK: } -> tensor<3xf32>
// CHECK-NEXT: return
func.func @counted(%i: tensor<3xf32>) -> tensor<3xf32> {
  %z = prim.constant dense<0.5> : tensor<3xf32>
  %c, %n = prim.scan inits(%i, %z : tensor<3xf32>, tensor<3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>, %t: tensor<3xf32>):
    %e = prim.add %t, %t : tensor<3xf32>
    %p = prim.mul %h, %e : tensor<3xf32>
    prim.yield %p, %e : tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>
  %l = prim.reduce_sum %c {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%i) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}

// Chunks of two steps of five, and one more. Forward: what a chunk begins with is kept, and nothing else. Backward: the last step first, then chunks from the last to the
// first, each computed again and swept; the gradient of %w starts in each where the one before left it.
// CHECK-LABEL: @chunked(
// CHECK: %[[MAIN:.*]]:2 = prim.scan inits(%arg0 : tensor<3xf32>) xs(%{{.*}} : tensor<2x2x3xf32>) captured(%arg2 : tensor<3xf32>) length(2) chunk(1) {
// CHECK-NEXT: ^bb0(%[[FIRST:[a-z0-9]+]]: tensor<3xf32>, %[[X:[a-z0-9]+]]: tensor<2x3xf32>, %[[W:[a-z0-9]+]]: tensor<3xf32>):
// CHECK-NEXT: %[[LAST:.*]] = prim.scan inits(%[[FIRST]] : tensor<3xf32>) xs(%[[X]] : tensor<2x3xf32>) captured(%[[W]] : tensor<3xf32>) length(2) {
// CHECK: prim.yield %[[LAST]], %[[FIRST]] : tensor<3xf32>, tensor<3xf32>
// CHECK-NEXT: } -> tensor<3xf32>, tensor<2x3xf32>
// CHECK: %{{.*}}:3 = prim.scan inits(%[[MAIN]]#0 : tensor<3xf32>)
// CHECK: %[[ONE:.*]]:2 = prim.scan
// CHECK-SAME: length(1) reverse {
// CHECK: prim.scan inits(%[[ONE]]#0, %[[ONE]]#1 : tensor<3xf32>, tensor<3xf32>)
// CHECK-SAME: length(2) reverse chunk(1) {
// CHECK-NEXT: ^bb0(%[[DH:[a-z0-9]+]]: tensor<3xf32>, %[[DW:[a-z0-9]+]]: tensor<3xf32>,
// CHECK-NEXT: prim.scan
// CHECK-SAME: length(2) {
// CHECK: %[[SWEPT:.*]]:2 = prim.scan inits(%[[DH]], %[[DW]] : tensor<3xf32>, tensor<3xf32>)
// CHECK-SAME: length(2) reverse {
// CHECK: prim.yield %[[SWEPT]]#0, %[[SWEPT]]#1 :
func.func @chunked(%i: tensor<3xf32>, %x: tensor<5x3xf32>, %w: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c = prim.scan inits(%i : tensor<3xf32>) xs(%x : tensor<5x3xf32>) captured(%w : tensor<3xf32>) length(5) chunk(2) {
  ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>, %k: tensor<3xf32>):
    %p = prim.mul %h, %k : tensor<3xf32>
    %q = prim.add %p, %s : tensor<3xf32>
    %n = prim.tanh %q : tensor<3xf32>
    prim.yield %n : tensor<3xf32>
  } -> tensor<3xf32>
  %l = prim.reduce_sum %c {dimensions = array<i64: 0>} : tensor<3xf32>
  %di, %dw = prim.gradient %l wrt(%i, %w) : tensor<f32> wrt tensor<3xf32>, tensor<3xf32>
  return %di, %dw : tensor<3xf32>, tensor<3xf32>
}
// -----
func.func @open(%i: tensor<f32>, %w: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{has no derivative without a bound on its steps}}
  %y = prim.while inits(%i : tensor<f32>) captured(%w : tensor<f32>) {
  ^bb0(%h: tensor<f32>, %k: tensor<f32>):
    %m = prim.compare lt %h, %k : tensor<f32>
    prim.yield %m : tensor<i1>
  } do {
  ^bb0(%h: tensor<f32>, %k: tensor<f32>):
    %n = prim.mul %h, %k : tensor<f32>
    prim.yield %n : tensor<f32>
  } -> tensor<f32>
  %g = prim.gradient %y wrt(%i) : tensor<f32> wrt tensor<f32>
  return %g : tensor<f32>
}
