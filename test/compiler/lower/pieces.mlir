// An op of pieces is a kernel by itself: what it reads is in memory before it, what reads it comes after; state that it reads is overwritten later, or in a copy.
// RUN: tenon-opt %s --pass-pipeline="builtin.module(state-to-arguments,func.func(lower-to-linalg,fuse-pointwise,cse,form-kernels))" | FileCheck %s

// Columns are cut: every block walks all indices.
// CHECK-LABEL: func.func @embedding_gradient
// CHECK: kernel.grid extent {{.*}} level 0
// CHECK: linalg.generic
// CHECK: kernel.grid extent 128 block {{16|32|64}} level 1
// CHECK: prim.scatter add
// CHECK-NOT: linalg.generic
// CHECK: kernel.grid extent {{.*}} level 2
func.func @embedding_gradient(%i: tensor<2048xi64>, %dy: tensor<2048x128xf32>) -> tensor<10000x128xf32> {
  %0 = prim.tanh %dy : tensor<2048x128xf32>
  %1 = prim.scatter add %i, %0 {axis = 0} : tensor<2048xi64>, tensor<2048x128xf32> to tensor<10000x128xf32>
  %2 = prim.exp %1 : tensor<10000x128xf32>
  return %2 : tensor<10000x128xf32>
}

// Rows are cut where elements do not lie side by side, places where there is one row.
// CHECK-LABEL: func.func @rows
// CHECK: kernel.grid extent 64
// CHECK: prim.cumsum
// CHECK: kernel.grid extent 5000
// CHECK: prim.scatter set
// CHECK: kernel.grid extent 64
// CHECK: prim.argsort
func.func @rows(%x: tensor<64x500xf32>, %i: tensor<300xi64>, %u: tensor<300xf32>) -> (tensor<64x500xf32>, tensor<5000xf32>, tensor<64x500xi64>) {
  %0 = prim.cumsum %x {dimension = 1} : tensor<64x500xf32>
  %1 = prim.scatter set %i, %u {axis = 0} : tensor<300xi64>, tensor<300xf32> to tensor<5000xf32>
  %2 = prim.argsort %x {dimension = 1} : tensor<64x500xf32> to tensor<64x500xi64>
  return %0, %1, %2 : tensor<64x500xf32>, tensor<5000xf32>, tensor<64x500xi64>
}

// The writer of w waits for the sum that reads it.
// CHECK-LABEL: func.func @state
// CHECK: level 0 inPlace [-1]
// CHECK: prim.cumsum
// CHECK: level 1 inPlace [
prim.state @w : tensor<100x64xf32>
func.func @state() -> tensor<100x64xf32> {
  %w = prim.read @w : tensor<100x64xf32>
  %s = prim.cumsum %w {dimension = 0} : tensor<100x64xf32>
  %n = prim.tanh %w : tensor<100x64xf32>
  prim.write @w, %n : tensor<100x64xf32>
  return %s : tensor<100x64xf32>
}
