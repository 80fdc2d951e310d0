// f16 without the instructions for it: no call of libgcc's conversions is left. Its numbers: test/property/half_test.cpp.
// RUN: tenonc %s --verify --target=x86-64 -o %t.so
// RUN: tenonc %s --emit=asm --target=x86-64 -o %t.s
// RUN: FileCheck %s --check-prefix=PORTABLE < %t.s
// PORTABLE-NOT: __extendhfsf2
// PORTABLE-NOT: __truncsfhf2
// RUN: tenonc %s --emit=asm --target=haswell -o %t.haswell.s
// RUN: FileCheck %s --check-prefix=INSTRUCTION < %t.haswell.s
// INSTRUCTION: vcvtph2ps
// INSTRUCTION: vcvtps2ph
// What loading does not check is not used, also where a processor has it.
// RUN: tenonc %s --emit=asm --target=sapphirerapids -o %t.spr.s
// RUN: FileCheck %s --check-prefix=CHECKED < %t.spr.s
// CHECKED-NOT: {{vcvtps2phx|vcvtph2psx|vmovsh|vmovw}}
// CHECKED: vcvtph2ps
// CHECKED-NOT: {{vcvtps2phx|vcvtph2psx|vmovsh|vmovw}}

#A = affine_map<(m, n, k) -> (m, k)>
#W = affine_map<(m, n, k) -> (n, k)>
#Y = affine_map<(m, n, k) -> (m, n)>
func.func @storage(%x: tensor<9x70xf16>, %w: tensor<33x70xf16>) -> (tensor<9x33xf16>, tensor<9x70xf64>, tensor<9x70xf16>) {
  %y = prim.contract %x, %w {maps = [#A, #W, #Y]} : tensor<9x70xf16>, tensor<33x70xf16>
  %z = prim.cast %x : tensor<9x70xf16> to tensor<9x70xf64>
  %t = prim.tanh %x : tensor<9x70xf16>
  return %y, %z, %t : tensor<9x33xf16>, tensor<9x70xf64>, tensor<9x70xf16>
}
