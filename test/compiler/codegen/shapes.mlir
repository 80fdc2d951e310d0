// Contractions and reductions whose sizes fit no tile: prime extents, long sums cut in parts, long rows, lanes that lie apart, several sums, every instruction set.
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so

#A = affine_map<(m, n, k) -> (m, k)>
#W = affine_map<(m, n, k) -> (n, k)>
#Y = affine_map<(m, n, k) -> (m, n)>

func.func @prime(%x: tensor<37x1031xf32>, %w: tensor<101x1031xf32>) -> tensor<37x101xf32> {
  %y = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<37x1031xf32>, tensor<101x1031xf32>
  return %y : tensor<37x101xf32>
}
func.func @prime_double(%x: tensor<13x509xf64>, %w: tensor<67x509xf64>) -> tensor<13x67xf64> {
  %y = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<13x509xf64>, tensor<67x509xf64>
  return %y : tensor<13x67xf64>
}
func.func @transposed(%x: tensor<1031x37xf32>, %w: tensor<1031x101xf32>) -> tensor<37x101xf32> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, #Y]} : tensor<1031x37xf32>, tensor<1031x101xf32>
  return %y : tensor<37x101xf32>
}
func.func @batched(%x: tensor<5x17x23xf32>, %w: tensor<5x19x23xf32>) -> tensor<5x17x19xf32> {
  %y = prim.contract %x, %w {maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>]} : tensor<5x17x23xf32>, tensor<5x19x23xf32>
  return %y : tensor<5x17x19xf32>
}
func.func @two_sums(%x: tensor<17x6x300xf32>, %w: tensor<33x6x300xf32>) -> tensor<17x33xf32> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, a, k) -> (m, a, k)>, affine_map<(m, n, a, k) -> (n, a, k)>, affine_map<(m, n, a, k) -> (m, n)>]} : tensor<17x6x300xf32>, tensor<33x6x300xf32>
  return %y : tensor<17x33xf32>
}
func.func @vector(%x: tensor<40x301xf32>, %v: tensor<301xf32>) -> (tensor<40xf32>, tensor<f32>) {
  %y = prim.contract %x, %v {maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>]} : tensor<40x301xf32>, tensor<301xf32>
  %d = prim.contract %v, %v {maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>]} : tensor<301xf32>, tensor<301xf32>
  return %y, %d : tensor<40xf32>, tensor<f32>
}
func.func @storage(%x: tensor<9x70xbf16>, %w: tensor<33x70xbf16>) -> tensor<9x33xbf16> {
  %y = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<9x70xbf16>, tensor<33x70xbf16>
  return %y : tensor<9x33xbf16>
}
func.func @long_rows(%x: tensor<7x1001xf32>) -> tensor<7x1001xf32> {
  %y = nn.softmax %x {dim = 1 : i64} : tensor<7x1001xf32>
  return %y : tensor<7x1001xf32>
}
func.func @columns(%x: tensor<301x45xf32>) -> (tensor<45xf32>, tensor<45xf32>, tensor<f32>) {
  %s = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<301x45xf32>
  %m = prim.reduce_max %x {dimensions = array<i64: 0>} : tensor<301x45xf32>
  %t = prim.reduce_sum %x {dimensions = array<i64: 0, 1>} : tensor<301x45xf32>
  return %s, %m, %t : tensor<45xf32>, tensor<45xf32>, tensor<f32>
}
func.func @moves(%x: tensor<13x21xf32>) -> (tensor<21x13xf32>, tensor<13x21xf32>, tensor<4x7xf32>, tensor<15x24xf32>, tensor<26x21xf32>, tensor<13x21xi1>) {
  %zero = prim.constant dense<0.0> : tensor<f32>
  %half = prim.constant dense<0.5> : tensor<13x21xf32>
  %t = prim.transpose %x {permutation = array<i64: 1, 0>} : tensor<13x21xf32>
  %r = prim.reverse %x {dimensions = array<i64: 1>} : tensor<13x21xf32>
  %s = prim.slice %x {offsets = array<i64: 1, 0>, sizes = array<i64: 4, 7>, strides = array<i64: 3, 3>} : tensor<13x21xf32>
  %p = prim.pad %x, %zero {low = array<i64: 1, 2>, high = array<i64: 1, 1>} : tensor<13x21xf32>, tensor<f32>
  %c = prim.concat %x, %r {dimension = 0 : i64} : tensor<13x21xf32>, tensor<13x21xf32>
  %f = prim.compare gt %x, %half : tensor<13x21xf32>
  return %t, %r, %s, %p, %c, %f : tensor<21x13xf32>, tensor<13x21xf32>, tensor<4x7xf32>, tensor<15x24xf32>, tensor<26x21xf32>, tensor<13x21xi1>
}
func.func @random(%seed: tensor<i64>, %counter: tensor<i64>) -> (tensor<5x37xi32>, tensor<100xf32>) {
  %b = prim.philox %seed, %counter {word = 2 : i64} : tensor<5x37xi32>
  %u = nn.random_uniform %seed, %counter : tensor<100xf32>
  return %b, %u : tensor<5x37xi32>, tensor<100xf32>
}

// Lanes that lie apart in what is read, or in what is written; truth values are bytes.
func.func @turned(%x: tensor<37x19x3x3xf32>) -> (tensor<3x3x19x37xf32>, tensor<37x19x3x3xf32>) {
  %t = prim.transpose %x {permutation = array<i64: 2, 3, 1, 0>} : tensor<37x19x3x3xf32>
  %e = prim.exp %t : tensor<3x3x19x37xf32>
  %b = prim.transpose %e {permutation = array<i64: 3, 2, 0, 1>} : tensor<3x3x19x37xf32>
  %y = prim.mul %b, %x : tensor<37x19x3x3xf32>
  return %e, %y : tensor<3x3x19x37xf32>, tensor<37x19x3x3xf32>
}
func.func @turned_flags(%x: tensor<21x70xf64>, %y: tensor<70x21xf64>) -> (tensor<70x21xi1>, tensor<70x21xf64>) {
  %t = prim.transpose %x {permutation = array<i64: 1, 0>} : tensor<21x70xf64>
  %f = prim.compare gt %t, %y : tensor<70x21xf64>
  %g = prim.compare gt %x, %x : tensor<21x70xf64>
  %h = prim.transpose %g {permutation = array<i64: 1, 0>} : tensor<21x70xi1>
  %a = prim.and %f, %h : tensor<70x21xi1>
  return %a, %t : tensor<70x21xi1>, tensor<70x21xf64>
}

// Loops that are not one: what is broadcast along one of them, an index of one, a part of a larger tensor, a shifted part.
func.func @shared_in_part(%x: tensor<7x5x3x3xf32>, %c: tensor<5xf32>, %r: tensor<3xf32>, %l: tensor<9x6x4x4xf32>) -> (tensor<7x5x3x3xf32>, tensor<7x5x3x3xf32>, tensor<7x5x3x3xf32>, tensor<3x3x5x7xf32>) {
  %cb = prim.broadcast %c {dimensions = array<i64: 1>} : tensor<5xf32> to tensor<7x5x3x3xf32>
  %rb = prim.broadcast %r {dimensions = array<i64: 2>} : tensor<3xf32> to tensor<7x5x3x3xf32>
  %s = prim.slice %l {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 7, 5, 3, 3>, strides = array<i64: 1, 1, 1, 1>} : tensor<9x6x4x4xf32>
  %o = prim.slice %l {offsets = array<i64: 2, 1, 1, 1>, sizes = array<i64: 7, 5, 3, 3>, strides = array<i64: 1, 1, 1, 1>} : tensor<9x6x4x4xf32>
  %i = prim.iota {dimension = 3 : i64} : tensor<7x5x3x3xf32>
  %a = prim.mul %x, %cb : tensor<7x5x3x3xf32>
  %b = prim.mul %a, %rb : tensor<7x5x3x3xf32>
  %d = prim.add %s, %i : tensor<7x5x3x3xf32>
  %t = prim.transpose %o {permutation = array<i64: 3, 2, 1, 0>} : tensor<7x5x3x3xf32>
  return %a, %b, %d, %t : tensor<7x5x3x3xf32>, tensor<7x5x3x3xf32>, tensor<7x5x3x3xf32>, tensor<3x3x5x7xf32>
}
