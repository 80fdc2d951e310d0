// State as values, markers, common subexpressions, dead code. Folds are in prim/fold.mlir.
// RUN: tenon-opt %s --simplify | FileCheck %s

prim.state @w : tensor<3xf32>
prim.state @tied : tensor<3xf32> alias @w
prim.state @v : tensor<3xf32>

// A read sees the write above it, under either name; only the last write stays; one that writes what was read goes.
// CHECK-LABEL: @state(
// CHECK-NEXT: %[[W:.*]] = prim.read @w
// CHECK-NEXT: %[[A:.*]] = prim.add %[[W]], %arg0
// CHECK-NEXT: %[[B:.*]] = prim.mul %[[A]], %arg0
// CHECK-NEXT: prim.write @w, %[[B]]
// CHECK-NEXT: return %[[A]]
func.func @state(%x: tensor<3xf32>) -> tensor<3xf32> {
  %w = prim.read @w : tensor<3xf32>
  %a = prim.add %w, %x : tensor<3xf32>
  prim.write @tied, %a : tensor<3xf32>
  %r = prim.read @w : tensor<3xf32>
  %b = prim.mul %r, %x : tensor<3xf32>
  prim.write @w, %b : tensor<3xf32>
  %same = prim.read @v : tensor<3xf32>
  prim.write @v, %same : tensor<3xf32>
  return %r : tensor<3xf32>
}

// CHECK-LABEL: @common(
// CHECK: prim.philox
// CHECK-NOT: prim.philox
// CHECK: return
func.func @common(%s: tensor<i64>, %c: tensor<i64>) -> tensor<3xi32> {
  %a = prim.philox %s, %c {word = 0} : tensor<3xi32>
  %b = prim.philox %s, %c {word = 0} : tensor<3xi32>
  %d = prim.philox %s, %c {word = 1} : tensor<3xi32>
  %e = prim.xor %a, %b : tensor<3xi32>
  return %e : tensor<3xi32>
}

// With no request left, a saved value is what is stored and its computation dies.
// CHECK-LABEL: @saved(
// CHECK-NEXT: return %arg1
func.func @saved(%x: tensor<3xf32>, %stored: tensor<3xf32>) -> tensor<3xf32> {
  %c = prim.exp %x : tensor<3xf32>
  %y = prim.saved %c, %stored : tensor<3xf32>
  %z = prim.stop_gradient %y : tensor<3xf32>
  return %z : tensor<3xf32>
}

// While one is pending it stays.
// CHECK-LABEL: @pending(
// CHECK: prim.saved
func.func @pending(%x: tensor<f32>, %stored: tensor<f32>) -> tensor<f32> {
  %c = prim.exp %x : tensor<f32>
  %y = prim.saved %c, %stored : tensor<f32>
  %g = prim.gradient %y wrt(%x) : tensor<f32> wrt tensor<f32>
  return %g : tensor<f32>
}

// Checks stay unless they always hold.
// CHECK-LABEL: @checks(
// CHECK: prim.check %{{.*}}, "kept"
// CHECK-NOT: prim.check
func.func @checks(%x: tensor<3xf32>) {
  %zero = prim.constant dense<0.0> : tensor<3xf32>
  %ok = prim.compare ge %x, %zero : tensor<3xf32>
  prim.check %ok, "kept" : tensor<3xi1>
  %sure = prim.compare eq %zero, %zero : tensor<3xf32>
  prim.check %sure, "gone" : tensor<3xi1>
  return
}
