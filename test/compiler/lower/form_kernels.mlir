// Grouping: what a grid can cut alike in all ops is one kernel; a reduction over the grid's axis is a barrier; state is overwritten in place after its readers.
// RUN: tenon-opt %s --pass-pipeline="builtin.module(state-to-arguments,func.func(lower-to-linalg,fuse-pointwise,cse,form-kernels))" | FileCheck %s
// RUN: tenon-opt %s --pass-pipeline="builtin.module(state-to-arguments,func.func(lower-to-linalg,fuse-pointwise,cse,form-kernels{remarks=1}))" 2>&1 | FileCheck %s --check-prefix=REMARK

#A = affine_map<(m, n, k) -> (m, k)>
#W = affine_map<(m, n, k) -> (n, k)>
#Y = affine_map<(m, n, k) -> (m, n)>

// The bias and the activation are the contraction's epilogue.
// CHECK-LABEL: func.func @linear
// CHECK: kernel.grid extent 256
// CHECK-NOT: kernel.grid
func.func @linear(%x: tensor<64x784xf32>, %w: tensor<256x784xf32>, %b: tensor<256xf32>) -> tensor<64x256xf32> {
  %0 = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<64x784xf32>, tensor<256x784xf32>
  %1 = prim.broadcast %b {dimensions = array<i64: 1>} : tensor<256xf32> to tensor<64x256xf32>
  %2 = prim.add %0, %1 : tensor<64x256xf32>
  %3 = prim.tanh %2 : tensor<64x256xf32>
  return %3 : tensor<64x256xf32>
}

// The rows of a softmax stay in one kernel, cut along the rows.
// CHECK-LABEL: func.func @softmax
// CHECK: kernel.grid extent 512
// CHECK-NOT: kernel.grid
func.func @softmax(%x: tensor<512x100xf32>) -> tensor<512x100xf32> {
  %0 = prim.reduce_max %x {dimensions = array<i64: 1>} : tensor<512x100xf32>
  %1 = prim.broadcast %0 {dimensions = array<i64: 0>} : tensor<512xf32> to tensor<512x100xf32>
  %2 = prim.sub %x, %1 : tensor<512x100xf32>
  %3 = prim.exp %2 : tensor<512x100xf32>
  %4 = prim.reduce_sum %3 {dimensions = array<i64: 1>} : tensor<512x100xf32>
  %5 = prim.broadcast %4 {dimensions = array<i64: 0>} : tensor<512xf32> to tensor<512x100xf32>
  %6 = prim.div %3, %5 : tensor<512x100xf32>
  return %6 : tensor<512x100xf32>
}

// A sum over the axis that the grid cuts waits for all of its blocks.
// CHECK-LABEL: func.func @barrier
// CHECK: kernel.grid extent 256 {{.*}} level 0
// CHECK: kernel.grid extent {{.*}} level 1
// CHECK-NOT: kernel.grid
// REMARK: remark: kept in memory: a kernel that reads it needs all of its blocks (a barrier)
func.func @barrier(%x: tensor<64x784xf32>, %w: tensor<256x784xf32>) -> tensor<64xf32> {
  %0 = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<64x784xf32>, tensor<256x784xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 1>} : tensor<64x256xf32>
  return %1 : tensor<64xf32>
}

// A layer's output, its weights' gradient and their update are one kernel where all are cut along the output features; the update is in place.
prim.state @w : tensor<256x784xf32>
// CHECK-LABEL: func.func @update
// CHECK: kernel.grid extent 256 {{.*}} inPlace [1] (%arg0, %arg1)
// CHECK-NOT: kernel.grid
func.func @update(%x: tensor<64x784xf32>) {
  %w = prim.read @w : tensor<256x784xf32>
  %0 = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<64x784xf32>, tensor<256x784xf32>
  %1 = prim.tanh %0 : tensor<64x256xf32>
  %2 = prim.contract %1, %x {maps = [affine_map<(n, k, m) -> (m, n)>, affine_map<(n, k, m) -> (m, k)>, affine_map<(n, k, m) -> (n, k)>]} : tensor<64x256xf32>, tensor<64x784xf32>
  %3 = prim.sub %w, %2 : tensor<256x784xf32>
  prim.write @w, %3 : tensor<256x784xf32>
  return
}
