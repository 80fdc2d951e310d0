// Pointwise ops: what they print as, and their values at the awkward points.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// CHECK-LABEL: @forms
func.func @forms(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xi1>) -> tensor<2x3xf32> {
  // CHECK: prim.add %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %0 = prim.add %a, %b : tensor<2x3xf32>
  // CHECK: prim.tanh %{{.*}} : tensor<2x3xf32>
  %1 = prim.tanh %0 : tensor<2x3xf32>
  // CHECK: prim.compare lt %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %2 = prim.compare lt %a, %1 : tensor<2x3xf32>
  // CHECK: prim.and
  %3 = prim.and %2, %c : tensor<2x3xi1>
  // CHECK: prim.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x3xi1>, tensor<2x3xf32>
  %4 = prim.select %3, %a, %b : tensor<2x3xi1>, tensor<2x3xf32>
  // CHECK: prim.cast %{{.*}} : tensor<2x3xf32> to tensor<2x3xbf16>
  %5 = prim.cast %4 : tensor<2x3xf32> to tensor<2x3xbf16>
  %6 = prim.cast %5 : tensor<2x3xbf16> to tensor<2x3xf32>
  return %6 : tensor<2x3xf32>
}

// Integers: division truncates, by 0 it gives the dividend, the one overflow wraps; the remainder has the sign of the dividend.
// VALUE: division: dense<[-3, 7, -2147483648]>
// VALUE: division: dense<[-1, 0, 0]>
func.func @division() -> (tensor<3xi32>, tensor<3xi32>) {
  %a = prim.constant dense<[-7, 7, -2147483648]> : tensor<3xi32>
  %b = prim.constant dense<[2, 0, -1]> : tensor<3xi32>
  %q = prim.div %a, %b : tensor<3xi32>
  %r = prim.rem %a, %b : tensor<3xi32>
  return %q, %r : tensor<3xi32>, tensor<3xi32>
}

// NaN: max passes it on, only `ne` holds, sign gives 0.
// VALUE: nan: dense<[0x7FC00000, 2.000000e+00]>
// VALUE: nan: dense<[true, false]>
// VALUE: nan: dense<[0.000000e+00, 1.000000e+00]>
func.func @nan() -> (tensor<2xf32>, tensor<2xi1>, tensor<2xf32>) {
  %a = prim.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
  %b = prim.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %m = prim.max %a, %b : tensor<2xf32>
  %n = prim.compare ne %a, %a : tensor<2xf32>
  %s = prim.sign %a : tensor<2xf32>
  return %m, %n, %s : tensor<2xf32>, tensor<2xi1>, tensor<2xf32>
}

// Float to integer truncates and saturates, NaN gives 0; to i1 it asks "not 0"; bf16 rounds to even.
// VALUE: casts: dense<[-1, 2147483647, -2147483648, 0]>
// VALUE: casts: dense<true>
// VALUE: casts: dense<[1.000000e+00, 1.015630e+00]>
func.func @casts() -> (tensor<4xi32>, tensor<4xi1>, tensor<2xbf16>) {
  %a = prim.constant dense<[-1.9, 1.0e20, -1.0e20, 0x7FC00000]> : tensor<4xf32>
  %i = prim.cast %a : tensor<4xf32> to tensor<4xi32>
  %f = prim.cast %a : tensor<4xf32> to tensor<4xi1>
  %b = prim.constant dense<[1.00390625, 1.01171875]> : tensor<2xf32>
  %h = prim.cast %b : tensor<2xf32> to tensor<2xbf16>
  return %i, %f, %h : tensor<4xi32>, tensor<4xi1>, tensor<2xbf16>
}
