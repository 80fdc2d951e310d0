// Reductions and contractions: forms and values.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// VALUE: reductions: dense<[6.000000e+00, 1.500000e+01]>
// VALUE: reductions: dense<[4.000000e+00, 5.000000e+00, 6.000000e+00]>
// VALUE: reductions: dense<1.000000e+00>
func.func @reductions() -> (tensor<2xf32>, tensor<3xf32>, tensor<f32>) {
  %0 = prim.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  // CHECK: prim.reduce_sum %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 1>} : tensor<2x3xf32>
  // CHECK: prim.reduce_max
  %2 = prim.reduce_max %0 {dimensions = array<i64: 0>} : tensor<2x3xf32>
  // CHECK: prim.reduce_min
  %3 = prim.reduce_min %0 {dimensions = array<i64: 0, 1>} : tensor<2x3xf32>
  return %1, %2, %3 : tensor<2xf32>, tensor<3xf32>, tensor<f32>
}

// A sum of bf16 is made in f32 and rounded once: term by term it would stay at 256.
// VALUE: storage: dense<2.640000e+02>
func.func @storage() -> tensor<bf16> {
  %0 = prim.constant dense<[256.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<9xbf16>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 0>} : tensor<9xbf16>
  return %1 : tensor<bf16>
}

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// VALUE: product: dense<{{\[}}[1.000000e+00, 5.000000e+00], [3.000000e+00, 1.100000e+01]]>
// VALUE: product: dense<{{\[}}[1.000000e+01, 3.000000e+01], [2.000000e+01, 6.000000e+01]]>
func.func @product() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %a = prim.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = prim.constant dense<[[1.0, 0.0], [1.0, 2.0]]> : tensor<2x2xf32>
  // CHECK: prim.contract %{{.*}}, %{{.*}} {maps = [#{{.*}}, #{{.*}}, #{{.*}}]} : tensor<2x2xf32>, tensor<2x2xf32>
  %y = prim.contract %a, %b {maps = [#x, #w, #y]} : tensor<2x2xf32>, tensor<2x2xf32>
  // An outer product has no reduction.
  %u = prim.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = prim.constant dense<[10.0, 30.0]> : tensor<2xf32>
  %o = prim.contract %u, %v {maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>]} : tensor<2xf32>, tensor<2xf32>
  return %y, %o : tensor<2x2xf32>, tensor<2x2xf32>
}
