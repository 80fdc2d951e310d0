// Every constraint of prim.conv, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{expected three maps of the same indices}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i + k)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{the first of indices and sums of two, the others projected permutations (C1)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k * 2)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<3x3xf32>) {
  // expected-error @+1 {{index 2 occurs in fewer than two of the maps (C2)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{index 1 occurs in fewer than two of the maps (C2)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, n + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3x6xf32>) {
  // expected-error @+1 {{must be of one index of the result and one of the second operand, each nowhere else in the first (C3)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, f + k)>, affine_map<(n, i, f, k, c) -> (f, c, k, i)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3x6xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{expected 1 strides, dilations, paddings and input dilations, one per window}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1, 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{strides and dilations other than 0, input dilations positive (C4)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 0>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{one per window; strides and dilations other than 0, input dilations positive (C4)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf32>) {
  // expected-error @+1 {{input dilations positive (C4)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 0>} : tensor<2x3x8xf32>, tensor<4x3x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x5x3xf32>) {
  // expected-error @+1 {{index 4 has extents 3 and 5 (C5)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x5x3xf32> to tensor<2x4x6xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3x8xf32>, %b: tensor<4x3x3xf64>) {
  // expected-error @+1 {{element types of 'tensor<2x3x8xf32>', 'tensor<4x3x3xf64>' and 'tensor<2x4x6xf32>' differ (C6)}}
  %0 = prim.conv %a, %b {maps = [affine_map<(n, i, f, k, c) -> (n, c, i + k)>, affine_map<(n, i, f, k, c) -> (f, c, k)>, affine_map<(n, i, f, k, c) -> (n, f, i)>], strides = array<i64: 1>, dilations = array<i64: 1>, padding = array<i64: 0>, input_dilations = array<i64: 1>} : tensor<2x3x8xf32>, tensor<4x3x3xf64> to tensor<2x4x6xf32>
  return
}
