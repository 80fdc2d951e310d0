// Every constraint of the convolutions, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4xf32>) {
  // expected-error @+1 {{nn.conv: expected an input [N, C, spatial...] and a weight of the same rank}}
  %0 = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>, %b: tensor<6x1xf32>) {
  // expected-error @+1 {{and a bias of rank 1, got 'tensor<2x4x8xf32>' and 'tensor<6x4x3xf32>' (C1)}}
  %0 = nn.conv %x, %w, %b {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf32>, tensor<6x1xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @+1 {{nn.conv: expected 1 strides, paddings and dilations, one per spatial dimension of 'tensor<2x4x8xf32>', got 2 (C1)}}
  %0 = nn.conv %x, %w {stride = array<i64: 1, 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @+1 {{nn.conv: strides, dilations and groups must be positive (C2)}}
  %0 = nn.conv %x, %w {stride = array<i64: 0>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x3x3xf32>) {
  // expected-error @+1 {{nn.conv: the weight 'tensor<6x3x3xf32>' in 1 groups takes 3 channels, the input 'tensor<2x4x8xf32>' has 4 (C3)}}
  %0 = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x3x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<7x2x3xf32>) {
  // expected-error @+1 {{nn.conv: 2 groups do not divide the 7 features of the weight 'tensor<7x2x3xf32>' (C4)}}
  %0 = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 2} : tensor<2x4x8xf32>, tensor<7x2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{nn.conv: the weight gives 6 features, the bias 'tensor<5xf32>' has 5 (C5)}}
  %0 = nn.conv %x, %w, %b {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf32>, tensor<5xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @+1 {{nn.conv: a window of 9 does not fit into dimension 2 of 'tensor<2x4x8xf32>', padded 7 (C6)}}
  %0 = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: -1>, high = array<i64: 0>, dilation = array<i64: 4>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf64>) {
  // expected-error @+1 {{nn.conv: element types of the input 'tensor<2x4x8xf32>' and the weight 'tensor<6x4x3xf64>' (and its bias) differ (C7)}}
  %0 = nn.conv %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1} : tensor<2x4x8xf32>, tensor<6x4x3xf64>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6xf32>) {
  // expected-error @+1 {{nn.conv_transpose: expected an input [N, C, spatial...] and a weight of the same rank}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error @+1 {{nn.conv_transpose: expected 1 strides, paddings and dilations, one per spatial dimension of 'tensor<2x4x8xf32>', got 2 (C1)}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 0, 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error @+1 {{nn.conv_transpose: strides, dilations and groups must be positive (C2)}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 0, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @+1 {{nn.conv_transpose: the weight 'tensor<6x4x3xf32>' takes 6 channels, the input 'tensor<2x4x8xf32>' has 4 (C3)}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<6x4x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error @+1 {{nn.conv_transpose: 3 groups do not divide the 4 channels of the weight 'tensor<4x6x3xf32>' (C4)}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 3, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf32>, %b: tensor<6xf32>) {
  // expected-error @+1 {{nn.conv_transpose: the weight gives 12 features, the bias 'tensor<6xf32>' has 6 (C5)}}
  %0 = nn.conv_transpose %x, %w, %b {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 2, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf32>, tensor<6xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error @+1 {{nn.conv_transpose: dimension 2 of the result would have extent 0 (C6)}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 5>, high = array<i64: 5>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x4x8xf32>, %w: tensor<4x6x3xf64>) {
  // expected-error @+1 {{nn.conv_transpose: element types of the input}}
  %0 = nn.conv_transpose %x, %w {stride = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, dilation = array<i64: 1>, groups = 1, output_padding = array<i64: 0>} : tensor<2x4x8xf32>, tensor<4x6x3xf64>
  return
}
