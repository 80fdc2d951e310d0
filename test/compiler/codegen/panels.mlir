// Convolutions that read their filter, and gradients that read the images, from packed panels: whole and narrow ones, taps that are skipped, sums cut by images.
// RUN: tenonc %s --verify --target=host -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --emit=llvm --target=x86-64-v4 -o %t.ll
// RUN: FileCheck %s < %t.ll

// Filters of 3 x 3 x 7 in panels of 32 (2016 numbers); for the gradient the 400 pixels of two images, in the end of one, while the sums of all tiles wait (the last filter's tile is
// narrow). On haswell three images, in the end two.
// CHECK-DAG: alloca float, i64 2016
// CHECK-DAG: alloca float, i64 25600
prim.state @w : tensor<72x7x3x3xf32>
func.func @strided(%x: tensor<11x7x20x20xf32>) {
  %w = prim.read @w : tensor<72x7x3x3xf32>
  %a = nn.relu %x : tensor<11x7x20x20xf32>
  %y = nn.conv %a, %w {dilation = array<i64: 1, 1>, groups = 1 : i64, high = array<i64: 1, 1>, low = array<i64: 1, 1>, stride = array<i64: 1, 1>} : tensor<11x7x20x20xf32>, tensor<72x7x3x3xf32>
  %t = prim.mul %y, %y : tensor<11x72x20x20xf32>
  %s = prim.reduce_sum %t {dimensions = array<i64: 0, 1, 2, 3>} : tensor<11x72x20x20xf32>
  %g = prim.gradient %s wrt(%w) : tensor<f32> wrt tensor<72x7x3x3xf32>
  %u = prim.sub %w, %g : tensor<72x7x3x3xf32>
  prim.write @w, %u : tensor<72x7x3x3xf32>
  return
}

// In two groups, dilated, in f64; and with a gradient of the images.
prim.state @v : tensor<76x5x3x2xf64>
func.func @grouped(%x: tensor<9x10x7x6xf64>) -> tensor<9x10x7x6xf64> {
  %v = prim.read @v : tensor<76x5x3x2xf64>
  %y = nn.conv %x, %v {dilation = array<i64: 2, 1>, groups = 2 : i64, high = array<i64: 2, 0>, low = array<i64: 2, 1>, stride = array<i64: 1, 1>} : tensor<9x10x7x6xf64>, tensor<76x5x3x2xf64>
  %t = prim.mul %y, %y : tensor<9x76x7x6xf64>
  %s = prim.reduce_sum %t {dimensions = array<i64: 0, 1, 2, 3>} : tensor<9x76x7x6xf64>
  %g, %h = prim.gradient %s wrt(%v, %x) : tensor<f64> wrt tensor<76x5x3x2xf64>, tensor<9x10x7x6xf64>
  %u = prim.sub %v, %g : tensor<76x5x3x2xf64>
  prim.write @v, %u : tensor<76x5x3x2xf64>
  return %h : tensor<9x10x7x6xf64>
}
