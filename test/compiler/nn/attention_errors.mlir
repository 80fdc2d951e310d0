// Every constraint of attention, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics
func.func @f(%q: tensor<4xf32>, %k: tensor<5x4xf32>) {
  // expected-error @+1 {{nn.attention_weights: expected queries and keys of one rank, at least 2, got 'tensor<4xf32>' and 'tensor<5x4xf32>' (C1)}}
  %p = nn.attention_weights %q, %k {scale = 1.0} : tensor<4xf32>, tensor<5x4xf32>
  return
}
// -----
func.func @f(%q: tensor<3x4xf32>, %k: tensor<5x3xf32>) {
  // expected-error @+1 {{differ in their batch or in their last dimension (C2)}}
  %p = nn.attention_weights %q, %k {scale = 1.0} : tensor<3x4xf32>, tensor<5x3xf32>
  return
}
// -----
func.func @f(%q: tensor<3x2x4xf32>, %k: tensor<2x5x4xf32>) {
  // expected-error @+1 {{nn.attention: the heads of 'tensor<3x2x4xf32>' are no multiple of those of 'tensor<2x5x4xf32>' (C3)}}
  %y = nn.attention %q, %k, %k {scale = 1.0} : tensor<3x2x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>
  return
}
// -----
func.func @f(%q: tensor<3x4xf32>, %k: tensor<5x4xf64>) {
  // expected-error @+1 {{element types of 'tensor<3x4xf32>' and 'tensor<5x4xf64>' differ (C4)}}
  %p = nn.attention_weights %q, %k {scale = 1.0} : tensor<3x4xf32>, tensor<5x4xf64>
  return
}
// -----
func.func @f(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %m: tensor<3x4xi1>) {
  // expected-error @+1 {{the mask 'tensor<3x4xi1>' does not broadcast to the scores 'tensor<3x5xf32>' (C5)}}
  %p = nn.attention_weights %q, %k, %m {scale = 1.0} : tensor<3x4xf32>, tensor<5x4xf32>, tensor<3x4xi1>
  return
}
// -----
func.func @f(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<4x4xf32>) {
  // expected-error @+1 {{nn.attention: expected values with the batch and the number of the keys 'tensor<5x4xf32>', got 'tensor<4x4xf32>' (C6)}}
  %y = nn.attention %q, %k, %v {scale = 1.0} : tensor<3x4xf32>, tensor<5x4xf32>, tensor<4x4xf32>
  return
}
