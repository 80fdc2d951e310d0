// RUN: tenonc --target=cuda --emit=cuda %s > %t.cu && FileCheck %s < %t.cu
// RUN: cat %t.cu %S/Inputs/many_halves.cpp > %t.cpp && clang++ -w -O1 -std=c++17 -ffp-contract=off -include %S/../../../cuda/host.h %t.cpp -o %t -pthread && %t
// Each of 32 parts of a sum has more terms than an int counts: how many are left is a number of 64 bits also where eight of them come to shared memory at once
// (Inputs/many_halves.cpp asks for such numbers).

// CHECK: TENON_KERNEL(256) k0(
// CHECK: copy_eight(&{{.*}}, &a0[{{.*}}], ({{.*}} < 4294967296ll)) ? (4294967296ll - {{v[0-9]+}}) : 0ll);
func.func @f(%x: tensor<64x137438953472xbf16>, %w: tensor<137438953472x64xbf16>) -> tensor<64x64xbf16> attributes {tenon.function = "f"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<64x137438953472xbf16>, tensor<137438953472x64xbf16>
  return %0 : tensor<64x64xbf16>
}
