// A pointwise value that another kernel reads is computed again there when it follows from tensors that are in memory anyway; one that does not is kept.
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise --recompute --fuse-pointwise --cse | FileCheck %s

#a = affine_map<(i, j, k) -> (k, i)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>

// tanh of an argument is wanted before and after a barrier (the sums over rows): all read the argument alone.
// CHECK-LABEL: func.func @again
// CHECK-COUNT-3: math.tanh
// CHECK-NOT: math.tanh
func.func @again(%x: tensor<256x512xf32>) -> (tensor<256x512xf32>, tensor<256x512xf32>) {
  %0 = prim.tanh %x : tensor<256x512xf32>
  %1 = prim.add %0, %x : tensor<256x512xf32>
  %2 = prim.reduce_sum %1 {dimensions = array<i64: 0>} : tensor<256x512xf32>
  %3 = prim.broadcast %2 {dimensions = array<i64: 1>} : tensor<512xf32> to tensor<256x512xf32>
  %4 = prim.mul %0, %3 : tensor<256x512xf32>
  %5 = prim.mul %0, %0 : tensor<256x512xf32>
  return %4, %5 : tensor<256x512xf32>, tensor<256x512xf32>
}

// A contraction over another kernel's axis needs its operand in memory: whoever else reads it reads it there.
// CHECK-LABEL: func.func @kept
// CHECK-COUNT-1: math.tanh
// CHECK-NOT: math.tanh
func.func @kept(%x: tensor<256x512xf32>, %w: tensor<256x64xf32>) -> (tensor<512x64xf32>, tensor<256x512xf32>) {
  %0 = prim.tanh %x : tensor<256x512xf32>
  %1 = prim.contract %0, %w {maps = [#a, #b, #c]} : tensor<256x512xf32>, tensor<256x64xf32>
  %2 = prim.reduce_sum %0 {dimensions = array<i64: 0>} : tensor<256x512xf32>
  %3 = prim.broadcast %2 {dimensions = array<i64: 1>} : tensor<512xf32> to tensor<256x512xf32>
  %4 = prim.mul %0, %3 : tensor<256x512xf32>
  return %1, %4 : tensor<512x64xf32>, tensor<256x512xf32>
}
