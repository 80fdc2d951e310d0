// RUN: tenonc --target=cuda --verify %s -o %t.so
// Halves on tensor cores where nothing is a multiple of anything: copies of 16, of 4 and of 2 bytes, tiles that end in mid-air, less than one step of terms and more than the
// pipeline has stages; operands that lie along the terms or along the rows; several images.

#A = affine_map<(m, n, k) -> (m, k)>
#AT = affine_map<(m, n, k) -> (k, m)>
#B = affine_map<(m, n, k) -> (n, k)>
#BT = affine_map<(m, n, k) -> (k, n)>
#Y = affine_map<(m, n, k) -> (m, n)>

func.func @sixteen(%x: tensor<515x104xbf16>, %w: tensor<104x128xbf16>) -> tensor<515x128xbf16> attributes {tenon.function = "sixteen"} {
  %0 = prim.contract %x, %w {maps = [#A, #BT, #Y]} : tensor<515x104xbf16>, tensor<104x128xbf16>
  %1 = prim.tanh %0 : tensor<515x128xbf16>
  return %1 : tensor<515x128xbf16>
}

func.func @four(%x: tensor<38x518xf16>, %w: tensor<130x38xf16>) -> tensor<518x130xf16> attributes {tenon.function = "four"} {
  %0 = prim.contract %x, %w {maps = [#AT, #B, #Y]} : tensor<38x518xf16>, tensor<130x38xf16>
  return %0 : tensor<518x130xf16>
}

func.func @two(%x: tensor<521x33xbf16>, %w: tensor<33x127xbf16>) -> tensor<521x127xbf16> attributes {tenon.function = "two"} {
  %0 = prim.contract %x, %w {maps = [#A, #BT, #Y]} : tensor<521x33xbf16>, tensor<33x127xbf16>
  return %0 : tensor<521x127xbf16>
}

func.func @short(%x: tensor<13x1023xf16>, %w: tensor<132x13xf16>) -> tensor<132x1023xf16> attributes {tenon.function = "short"} {
  %0 = prim.contract %w, %x {maps = [#A, #BT, #Y]} : tensor<132x13xf16>, tensor<13x1023xf16>
  return %0 : tensor<132x1023xf16>
}

func.func @images(%x: tensor<20x64x50xbf16>, %w: tensor<50x20x40xbf16>) -> tensor<64x20x40xbf16> attributes {tenon.function = "images"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (k, b, n)>, affine_map<(b, m, n, k) -> (m, b, n)>]} : tensor<20x64x50xbf16>, tensor<50x20x40xbf16>
  return %0 : tensor<64x20x40xbf16>
}

// 8 channels of a tap are read at once; 3 are not.
func.func @channels(%x: tensor<5x13x14x8xbf16>, %w: tensor<3x2x8x40xbf16>) -> tensor<5x13x15x40xbf16> attributes {tenon.function = "channels"} {
  %0 = prim.conv %x, %w {maps = [affine_map<(n, i, j, f, k, l, c) -> (n, i + k, j + l, c)>, affine_map<(n, i, j, f, k, l, c) -> (k, l, c, f)>, affine_map<(n, i, j, f, k, l, c) -> (n, i, j, f)>], strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1>, input_dilations = array<i64: 1, 1>} : tensor<5x13x14x8xbf16>, tensor<3x2x8x40xbf16> to tensor<5x13x15x40xbf16>
  return %0 : tensor<5x13x15x40xbf16>
}

func.func @colours(%x: tensor<5x33x33x3xf16>, %w: tensor<3x3x3x34xf16>) -> tensor<5x16x16x34xf16> attributes {tenon.function = "colours"} {
  %0 = prim.conv %x, %w {maps = [affine_map<(n, i, j, f, k, l, c) -> (n, i + k, j + l, c)>, affine_map<(n, i, j, f, k, l, c) -> (k, l, c, f)>, affine_map<(n, i, j, f, k, l, c) -> (n, i, j, f)>], strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, padding = array<i64: 0, 0>, input_dilations = array<i64: 1, 1>} : tensor<5x33x33x3xf16>, tensor<3x3x3x34xf16> to tensor<5x16x16x34xf16>
  return %0 : tensor<5x16x16x34xf16>
}

// The grid cuts the loop that lies along memory: eight rows of a tile are no neighbours there, of the first operand and of the second.
func.func @cut_first(%x: tensor<8x64x96xbf16>, %w: tensor<8x32xbf16>) -> tensor<96x64x32xbf16> attributes {tenon.function = "cut_first"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(b, a, n, k) -> (k, a, b)>, affine_map<(b, a, n, k) -> (k, n)>, affine_map<(b, a, n, k) -> (b, a, n)>]} : tensor<8x64x96xbf16>, tensor<8x32xbf16>
  return %0 : tensor<96x64x32xbf16>
}

func.func @cut_second(%x: tensor<8x32xbf16>, %w: tensor<8x64x96xbf16>) -> tensor<96x64x32xbf16> attributes {tenon.function = "cut_second"} {
  %0 = prim.contract %w, %x {maps = [affine_map<(b, a, n, k) -> (k, a, b)>, affine_map<(b, a, n, k) -> (k, n)>, affine_map<(b, a, n, k) -> (b, a, n)>]} : tensor<8x64x96xbf16>, tensor<8x32xbf16>
  return %0 : tensor<96x64x32xbf16>
}
