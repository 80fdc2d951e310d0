// Derivatives that the user says and what is computed again: what they become, and what their verifiers refuse.
// RUN: tenon-opt %s --prim-pipeline --split-input-file --verify-diagnostics | FileCheck %s

// The step's gradient is what the body says, and not the derivative of what it computes, which is not even computed.
// CHECK-LABEL: @said(
// CHECK-NEXT: prim.scan xs(%arg1 : tensor<4x3xf32>) length(4) reverse {
// CHECK-NEXT: ^bb0(%[[S:.*]]: tensor<3xf32>):
// CHECK-NEXT: %[[D:.*]] = prim.sin %[[S]]
// CHECK-NEXT: prim.yield %[[D]] : tensor<3xf32>
// CHECK-NEXT: } -> tensor<4x3xf32>
// CHECK-NEXT: return
func.func @said(%i: tensor<3xf32>, %x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %c = prim.scan inits(%i : tensor<3xf32>) xs(%x : tensor<4x3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>):
    %e = prim.exp %s : tensor<3xf32>
    %n = prim.mul %h, %e : tensor<3xf32>
    %y = prim.custom_gradient values(%n : tensor<3xf32>) inputs(%h, %s : tensor<3xf32>, tensor<3xf32>) captured(%s : tensor<3xf32>) {
    ^bb0(%dy: tensor<3xf32>, %r: tensor<3xf32>, %v: tensor<3xf32>):
      %t = prim.sin %v : tensor<3xf32>
      %d = prim.mul %dy, %t : tensor<3xf32>
      prim.yield %dy, %d : tensor<3xf32>, tensor<3xf32>
    } -> tensor<3xf32>
    prim.yield %y : tensor<3xf32>
  } -> tensor<3xf32>
  %l = prim.reduce_sum %c {dimensions = array<i64: 0>} : tensor<3xf32>
  %dx = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<4x3xf32>
  return %dx : tensor<4x3xf32>
}
// -----
// The backward scan reads the carries alone and computes the rest again.
// CHECK-LABEL: @again(
// CHECK: prim.scan inits(%arg0 : tensor<3xf32>)
// CHECK: -> tensor<3xf32>, tensor<4x3xf32>{{$}}
// CHECK: prim.scan
// CHECK-SAME: reverse
// CHECK: prim.tanh
// CHECK-NOT: prim.checkpoint
func.func @again(%i: tensor<3xf32>) -> tensor<3xf32> {
  %c = prim.scan inits(%i : tensor<3xf32>) length(4) {
  ^bb0(%h: tensor<3xf32>):
    %n = prim.checkpoint captured(%h : tensor<3xf32>) {
    ^bb0(%v: tensor<3xf32>):
      %t = prim.tanh %v : tensor<3xf32>
      %u = prim.tanh %t : tensor<3xf32>
      %w = prim.sin %u : tensor<3xf32>
      prim.yield %w : tensor<3xf32>
    } -> tensor<3xf32>
    prim.yield %n : tensor<3xf32>
  } -> tensor<3xf32>
  %l = prim.reduce_sum %c {dimensions = array<i64: 0>} : tensor<3xf32>
  %dx = prim.gradient %l wrt(%i) : tensor<f32> wrt tensor<3xf32>
  return %dx : tensor<3xf32>
}
// -----
func.func @f(%x: tensor<3xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{has values tensor<3xf32> and results tensor<2xf32>, expected one type or more, the same (C1)}}
  %y = prim.custom_gradient values(%x : tensor<3xf32>) {
  ^bb0(%dy: tensor<3xf32>, %r: tensor<3xf32>):
    prim.yield
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}
// -----
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{the body takes tensor<3xf32>, expected tensor<3xf32>, tensor<3xf32> (C2)}}
  %y = prim.custom_gradient values(%x : tensor<3xf32>) {
  ^bb0(%dy: tensor<3xf32>):
    prim.yield
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
// -----
func.func @f(%x: tensor<3xf32>, %z: tensor<f32>) -> tensor<3xf32> {
  // expected-error @+1 {{the body yields tensor<3xf32>, expected tensor<f32> (C3)}}
  %y = prim.custom_gradient values(%x : tensor<3xf32>) inputs(%z : tensor<f32>) {
  ^bb0(%dy: tensor<3xf32>, %r: tensor<3xf32>):
    prim.yield %dy : tensor<3xf32>
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
// -----
prim.state @w : tensor<3xf32>
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  %y = prim.custom_gradient values(%x : tensor<3xf32>) inputs(%x : tensor<3xf32>) {
  ^bb0(%dy: tensor<3xf32>, %r: tensor<3xf32>):
    // expected-error @+1 {{state is read and written outside of 'prim.custom_gradient' only (C4)}}
    prim.write @w, %dy : tensor<3xf32>
    prim.yield %dy : tensor<3xf32>
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
// -----
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{the body takes nothing, expected tensor<3xf32> (C1)}}
  %y = prim.checkpoint captured(%x : tensor<3xf32>) {
    %c = prim.constant dense<1.0> : tensor<3xf32>
    prim.yield %c : tensor<3xf32>
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
// -----
func.func @f(%x: tensor<3xf32>) -> tensor<f32> {
  // expected-error @+1 {{the body yields tensor<3xf32>, expected tensor<f32> (C2)}}
  %y = prim.checkpoint captured(%x : tensor<3xf32>) {
  ^bb0(%v: tensor<3xf32>):
    prim.yield %v : tensor<3xf32>
  } -> tensor<f32>
  return %y : tensor<f32>
}
// -----
prim.state @w : tensor<3xf32>
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  %y = prim.checkpoint captured(%x : tensor<3xf32>) {
  ^bb0(%v: tensor<3xf32>):
    // expected-error @+1 {{state is read and written outside of 'prim.checkpoint' only (C3)}}
    prim.write @w, %v : tensor<3xf32>
    prim.yield %v : tensor<3xf32>
  } -> tensor<3xf32>
  return %y : tensor<3xf32>
}
