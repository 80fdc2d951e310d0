// Loops and branches: text, meaning, what simplify does to them, and what their verifiers refuse.
// RUN: tenon-opt %s --simplify --split-input-file --verify-diagnostics | FileCheck %s

// An unused result goes, a carry that only feeds itself goes with it, what nobody reads is not an operand.
// CHECK-LABEL: @dead(
// CHECK: prim.scan inits(%arg0 : tensor<3xf32>) xs(%arg1 : tensor<4x3xf32>) length(4) {
// CHECK-NOT: prim.mul
// CHECK: -> tensor<3xf32>
func.func @dead(%i: tensor<3xf32>, %x: tensor<4x3xf32>, %w: tensor<3xf32>) -> tensor<3xf32> {
  %a, %b, %y = prim.scan inits(%i, %w : tensor<3xf32>, tensor<3xf32>) xs(%x : tensor<4x3xf32>) captured(%w : tensor<3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>, %g: tensor<3xf32>, %s: tensor<3xf32>, %k: tensor<3xf32>):
    %n = prim.add %h, %s : tensor<3xf32>
    %m = prim.mul %g, %k : tensor<3xf32>
    prim.yield %n, %m, %m : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>, tensor<4x3xf32>
  return %a : tensor<3xf32>
}

// What does not change is captured, what is computed of that is computed before; a constant is made inside.
// CHECK-LABEL: @invariant(
// CHECK: %[[E:.*]] = prim.exp %arg2
// CHECK: prim.scan inits(%arg0 : tensor<3xf32>) captured(%[[E]] : tensor<3xf32>) length(4) {
// CHECK: prim.constant dense<2.000000e+00>
// CHECK: return %{{.*}}, %arg2
func.func @invariant(%i: tensor<3xf32>, %x: tensor<4x3xf32>, %w: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<4x3xf32>) {
  %two = prim.constant dense<2.0> : tensor<3xf32>
  %a, %b, %y = prim.scan inits(%i, %w : tensor<3xf32>, tensor<3xf32>) xs(%x : tensor<4x3xf32>) captured(%w, %two : tensor<3xf32>, tensor<3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>, %g: tensor<3xf32>, %s: tensor<3xf32>, %k: tensor<3xf32>, %t: tensor<3xf32>):
    %e = prim.exp %k : tensor<3xf32>
    %n = prim.mul %h, %e : tensor<3xf32>
    %m = prim.mul %n, %t : tensor<3xf32>
    prim.yield %m, %g, %s : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>, tensor<4x3xf32>
  return %a, %b, %y : tensor<3xf32>, tensor<3xf32>, tensor<4x3xf32>
}

// A predicate that is known leaves one branch.
// CHECK-LABEL: @known(
// CHECK-NEXT: %[[N:.*]] = prim.neg %arg0
// CHECK-NEXT: return %[[N]]
func.func @known(%x: tensor<3xf32>) -> tensor<3xf32> {
  %no = prim.constant dense<false> : tensor<i1>
  %y = prim.if %no captured(%x : tensor<3xf32>) {
  ^bb0(%v: tensor<3xf32>):
    prim.yield %v : tensor<3xf32>
  } else {
  ^bb0(%v: tensor<3xf32>):
    %n = prim.neg %v : tensor<3xf32>
    prim.yield %n : tensor<3xf32>
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
// -----
func.func @f(%i: tensor<3xf32>, %x: tensor<4x3xf32>) {
  // expected-error @+1 {{scanned value 0 is 'tensor<4x3xf32>', expected a leading extent of 5 (C1)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) xs(%x : tensor<4x3xf32>) length(5) {
  ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>):
    prim.yield %h : tensor<3xf32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{a length of -1, expected at least 0 (C1)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) length(-1) {
  ^bb0(%h: tensor<3xf32>):
    prim.yield %h : tensor<3xf32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{the body takes tensor<2xf32>, expected tensor<3xf32> (C2)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) length(5) {
  ^bb0(%h: tensor<2xf32>):
    prim.yield %h : tensor<2xf32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{carry 0 is 'tensor<3xf32>', the body yields 'tensor<f32>' for it (C3)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) length(5) {
  ^bb0(%h: tensor<3xf32>):
    %s = prim.reduce_sum %h {dimensions = array<i64: 0>} : tensor<3xf32>
    prim.yield %s : tensor<f32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{the body yields 0 values, expected at least the 1 carries (C3)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) length(5) {
  ^bb0(%h: tensor<3xf32>):
    prim.yield
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{has results tensor<3xf32>, tensor<3xf32>, expected tensor<3xf32>, tensor<5x3xf32> (C4)}}
  %0:2 = prim.scan inits(%i : tensor<3xf32>) length(5) {
  ^bb0(%h: tensor<3xf32>):
    prim.yield %h, %h : tensor<3xf32>, tensor<3xf32>
  } -> tensor<3xf32>, tensor<3xf32>
  return
}
// -----
prim.state @w : tensor<3xf32>
func.func @f(%i: tensor<3xf32>) {
  %0 = prim.scan inits(%i : tensor<3xf32>) length(5) {
  ^bb0(%h: tensor<3xf32>):
    // expected-error @+1 {{state is read and written outside of 'prim.scan' only (C5)}}
    %w = prim.read @w : tensor<3xf32>
    prim.yield %w : tensor<3xf32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<3xf32>) {
  // expected-error @+1 {{a chunk of 0 steps, expected at least 1 (C6)}}
  %0 = prim.scan inits(%i : tensor<3xf32>) length(5) chunk(0) {
  ^bb0(%h: tensor<3xf32>):
    prim.yield %h : tensor<3xf32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%i: tensor<f32>) {
  // expected-error @+1 {{the condition is tensor<f32>, expected tensor<i1> (C3)}}
  %0 = prim.while inits(%i : tensor<f32>) {
  ^bb0(%h: tensor<f32>):
    prim.yield %h : tensor<f32>
  } do {
  ^bb0(%h: tensor<f32>):
    prim.yield %h : tensor<f32>
  } -> tensor<f32>
  return
}
// -----
func.func @f(%i: tensor<f32>, %p: tensor<i1>) {
  // expected-error @+1 {{a bound of -1, expected at least 0 (C1)}}
  %0 = prim.while inits(%i : tensor<f32>) captured(%p : tensor<i1>) bound(-1) {
  ^bb0(%h: tensor<f32>, %q: tensor<i1>):
    prim.yield %q : tensor<i1>
  } do {
  ^bb0(%h: tensor<f32>, %q: tensor<i1>):
    prim.yield %h : tensor<f32>
  } -> tensor<f32>
  return
}
// -----
func.func @f(%i: tensor<f32>, %p: tensor<i1>) {
  // expected-error @+1 {{a region takes tensor<f32>, expected tensor<f32>, tensor<i1> (C2)}}
  %0 = prim.while inits(%i : tensor<f32>) captured(%p : tensor<i1>) {
  ^bb0(%h: tensor<f32>, %q: tensor<i1>):
    prim.yield %q : tensor<i1>
  } do {
  ^bb0(%h: tensor<f32>):
    prim.yield %h : tensor<f32>
  } -> tensor<f32>
  return
}
// -----
func.func @f(%i: tensor<f32>, %p: tensor<i1>) {
  // expected-error @+1 {{the carries are tensor<f32>, the body yields nothing, the results are tensor<f32> (C4)}}
  %0 = prim.while inits(%i : tensor<f32>) captured(%p : tensor<i1>) {
  ^bb0(%h: tensor<f32>, %q: tensor<i1>):
    prim.yield %q : tensor<i1>
  } do {
  ^bb0(%h: tensor<f32>, %q: tensor<i1>):
    prim.yield
  } -> tensor<f32>
  return
}
// -----
func.func @f(%i: tensor<f32>, %p: tensor<i1>) {
  // expected-error @+1 {{a branch takes nothing, expected tensor<f32> (C1)}}
  %0 = prim.if %p captured(%i : tensor<f32>) {
  ^bb0(%h: tensor<f32>):
    prim.yield %h : tensor<f32>
  } else {
    prim.yield
  } -> tensor<f32>
  return
}
// -----
func.func @f(%i: tensor<f32>, %p: tensor<i1>) {
  // expected-error @+1 {{a branch yields nothing, expected tensor<f32> (C2)}}
  %0 = prim.if %p captured(%i : tensor<f32>) {
  ^bb0(%h: tensor<f32>):
    prim.yield %h : tensor<f32>
  } else {
  ^bb0(%h: tensor<f32>):
    prim.yield
  } -> tensor<f32>
  return
}
