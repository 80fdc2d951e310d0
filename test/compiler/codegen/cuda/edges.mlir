// RUN: tenonc --target=cuda --verify %s -o %t.so
// What a contraction computes before its product is computed of its own elements alone: 20 terms are no multiple of a tile's 16, and the zeros beyond would count. An index
// beyond 2^32 stays outside.

func.func @prologues(%a: tensor<192x20xf32>, %c: tensor<192x20xf32>) -> tensor<192x192xf32> attributes {tenon.function = "prologues"} {
  %ab = prim.broadcast %a {dimensions = array<i64: 0, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %cb = prim.broadcast %c {dimensions = array<i64: 1, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %ea = prim.exp %ab : tensor<192x192x20xf32>
  %ec = prim.exp %cb : tensor<192x192x20xf32>
  %0 = prim.contract %ea, %ec {maps = [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<192x192x20xf32>, tensor<192x192x20xf32>
  return %0 : tensor<192x192xf32>
}

func.func @divergence(%p: tensor<192x20xf32>, %q: tensor<192x20xf32>) -> tensor<192x192xf32> attributes {tenon.function = "divergence"} {
  %qa = prim.abs %q : tensor<192x20xf32>
  %qb = prim.broadcast %qa {dimensions = array<i64: 1, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %lq = prim.log %qb : tensor<192x192x20xf32>
  %pb = prim.broadcast %p {dimensions = array<i64: 0, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %0 = prim.contract %pb, %lq {maps = [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<192x192x20xf32>, tensor<192x192x20xf32>
  return %0 : tensor<192x192xf32>
}

func.func @far(%u: tensor<64x8xf32>, %x: tensor<4xf64>) -> tensor<4x8xf32> attributes {tenon.function = "far"} {
  %c = prim.constant dense<[4294967299.0, 1.0, 8589934592.0, 3.0]> : tensor<4xf64>
  %s = prim.add %x, %c : tensor<4xf64>
  %4 = prim.cast %s : tensor<4xf64> to tensor<4xi64>
  %5 = prim.gather %u, %4 {axis = 0} : tensor<64x8xf32>, tensor<4xi64>
  return %5 : tensor<4x8xf32>
}
