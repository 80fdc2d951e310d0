// Every constraint of nn, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{op failed to verify that x, y have one type (C1)}}
  %0 = "nn.relu"(%a) : (tensor<2xf32>) -> tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension 2 does not exist in 'tensor<2x3xf32>' (C2)}}
  %0 = nn.log_softmax %a {dim = 2 : i64} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.argmax: dimension -1 does not exist in 'tensor<2x3xf32>', or is empty (C1)}}
  %0 = nn.argmax %a {dim = -1 : i64} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{nn.linear: expected an input [..., in], a weight [out, in] and a bias [out], got 'tensor<2x3xf32>' and 'tensor<4xf32>' (C1)}}
  %0 = nn.linear %x, %w : tensor<2x3xf32>, tensor<4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x5xf32>) {
  // expected-error @+1 {{nn.linear: the weight 'tensor<4x5xf32>' takes 5 features, the input 'tensor<2x3xf32>' has 3 (C2)}}
  %0 = nn.linear %x, %w : tensor<2x3xf32>, tensor<4x5xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{nn.linear: the weight 'tensor<4x3xf32>' gives 4 features, the bias 'tensor<5xf32>' has 5 (C3)}}
  %0 = nn.linear %x, %w, %b : tensor<2x3xf32>, tensor<4x3xf32>, tensor<5xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<4x3xf64>) {
  // expected-error @+1 {{nn.linear: element types of the input 'tensor<2x3xf32>' and the weight 'tensor<4x3xf64>' (and its bias) differ (C4)}}
  %0 = nn.linear %x, %w : tensor<2x3xf32>, tensor<4x3xf64>
  return
}
// -----
func.func @f(%x: tensor<2xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{the probability must be in [0, 1], got 1.5}}
  %0 = nn.dropout %x, %s, %s {p = 1.5 : f64} : tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>, %t: tensor<3xf32>) {
  // expected-error @+1 {{op failed to verify that x, target have one type (C1)}}
  %0 = "nn.mse_loss"(%x, %t) <{reduction = 1 : i32}> : (tensor<2xf32>, tensor<3xf32>) -> tensor<f32>
  return
}
// -----
func.func @f(%x: tensor<3xf32>, %t: tensor<3xi64>) {
  // expected-error @+1 {{nn.cross_entropy: expected rows [N, C], got 'tensor<3xf32>' (C1)}}
  %0 = nn.cross_entropy mean %x, %t : tensor<3xf32>, tensor<3xi64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %t: tensor<3xi64>) {
  // expected-error @+1 {{nn.nll_loss: expected 2 labels for 'tensor<2x3xf32>', got 'tensor<3xi64>' (C2)}}
  %0 = nn.nll_loss mean %x, %t : tensor<2x3xf32>, tensor<3xi64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %t: tensor<2xi64>, %w: tensor<2xf32>) {
  // expected-error @+1 {{nn.cross_entropy: expected a weight of 3 elements of 'f32', got 'tensor<2xf32>' (C3)}}
  %0 = nn.cross_entropy mean %x, %t, %w : tensor<2x3xf32>, tensor<2xi64>, tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %t: tensor<2xi64>) {
  // expected-error @+1 {{nn.cross_entropy: label_smoothing must be in [0, 1], got 2.0}}
  %0 = nn.cross_entropy mean %x, %t {label_smoothing = 2.0 : f64} : tensor<2x3xf32>, tensor<2xi64>
  return
}
// -----
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{nn.max_pool: expected kernel, stride, padding and dilation of one length, at least 1 and at most the rank of 'tensor<4xf32>', got 2, 2, 2 and 2 entries (C1)}}
  %0 = nn.max_pool %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, padding = array<i64: 0, 0>, dilation = array<i64: 1, 1>} : tensor<4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{nn.max_pool: kernel 3, stride 2, padding 2, dilation 1 are not possible: padding is at most half of the window (C2)}}
  %0 = nn.max_pool %x {kernel = array<i64: 3>, stride = array<i64: 2>, padding = array<i64: 2>, dilation = array<i64: 1>} : tensor<2x4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{nn.max_pool_indices: no window of 3 (dilation 2, padding 0) fits in dimension 1 of 'tensor<2x4xf32>' (C3)}}
  %0 = nn.max_pool_indices %x {kernel = array<i64: 3>, stride = array<i64: 2>, padding = array<i64: 0>, dilation = array<i64: 2>} : tensor<2x4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{nn.avg_pool: kernel 0, stride 2, padding 0, dilation 1 are not possible: padding is at most half of the window (C2)}}
  %0 = nn.avg_pool %x {kernel = array<i64: 0>, stride = array<i64: 2>, padding = array<i64: 0>} : tensor<2x4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{nn.avg_pool: the divisor must not be negative, got -1 (C4)}}
  %0 = nn.avg_pool %x {kernel = array<i64: 2>, stride = array<i64: 2>, padding = array<i64: 0>, divisor = -1 : i64} : tensor<2x4xf32>
  return
}
// -----
func.func @f(%i: tensor<2xi64>, %w: tensor<4xf32>) {
  // expected-error @+1 {{nn.embedding: the weight 'tensor<4xf32>' is not [V, D] (C1)}}
  %0 = nn.embedding %i, %w : tensor<2xi64>, tensor<4xf32>
  return
}
// -----
func.func @f(%i: tensor<2xi64>, %w: tensor<4x3xf32>) {
  // expected-error @+1 {{nn.embedding: padding_idx 4 is no row of 'tensor<4x3xf32>' (C2)}}
  %0 = nn.embedding %i, %w {padding_idx = 4} : tensor<2xi64>, tensor<4x3xf32>
  return
}
// -----
func.func @f(%i: tensor<2xi64>) {
  // expected-error @+1 {{op failed to verify that x, y have one type (C1)}}
  %0 = "nn.checked_index"(%i) <{extent = 4 : i64, wrap = false, user = "gather"}> : (tensor<2xi64>) -> tensor<3xi64>
  return
}
// -----
func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{op failed to verify that x, y have one type (C1)}}
  %0 = "nn.elu"(%a) <{alpha = 1.0 : f64}> : (tensor<2xf32>) -> tensor<3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %w: tensor<2xf32>) {
  // expected-error @+1 {{expected a weight of 1 element or one per channel of 'tensor<2x3xf32>', got 'tensor<2xf32>' (C2)}}
  %0 = nn.prelu %x, %w : tensor<2x3xf32>, tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{nn.glu: dimension 1 of 'tensor<2x3xf32>' does not exist or cannot be halved (C1)}}
  %0 = nn.glu %x {dim = 1 : i64} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %t: tensor<3xf32>) {
  // expected-error @+1 {{op failed to verify that x, target have one type (C1)}}
  %0 = "nn.huber_loss"(%x, %t) <{delta = 1.0 : f64, reduction = 1 : i32}> : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<f32>
  return
}
// -----
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{nn.resize: expected a size and a step for each of the last dimensions of 'tensor<4xf32>', got 2 and 1 (C1)}}
  %0 = nn.resize linear %x {size = array<i64: 2, 2>, step = array<f64: 0.5>} : tensor<4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{nn.resize: an extent of 4 cannot become 0 in steps of 0.500000 (C2)}}
  %0 = nn.resize linear %x {size = array<i64: 0>, step = array<f64: 0.5>} : tensor<2x4xf32>
  return
}
