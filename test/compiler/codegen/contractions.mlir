// Contractions with long sums, far rows and costly epilogues, and of slices whose lanes lie apart: the artifact against the reference evaluator, on every instruction set.
// RUN: tenonc %s --verify --target=host -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so

// A gradient of weights and its update: sums over images and rows, cut for all tiles; both operands are packed.
func.func @update(%x: tensor<7x150x300xf32>, %y: tensor<7x150x270xf32>, %m: tensor<300x270xf32>) -> tensor<300x270xf32> {
  %0 = prim.contract %x, %y {maps = [affine_map<(b, t, i, j) -> (b, t, i)>, affine_map<(b, t, i, j) -> (b, t, j)>, affine_map<(b, t, i, j) -> (i, j)>]} : tensor<7x150x300xf32>, tensor<7x150x270xf32>
  %1 = prim.mul %0, %0 : tensor<300x270xf32>
  %2 = prim.sqrt %1 : tensor<300x270xf32>
  %3 = prim.exp %m : tensor<300x270xf32>
  %4 = prim.add %2, %3 : tensor<300x270xf32>
  %5 = prim.div %0, %4 : tensor<300x270xf32>
  %6 = prim.tanh %5 : tensor<300x270xf32>
  return %6 : tensor<300x270xf32>
}

// One long loop, and a batch around the tiles.
func.func @long(%x: tensor<1061x150xf32>, %y: tensor<1061x39xf32>, %p: tensor<3x700x290xf32>, %q: tensor<3x700x80xf32>) -> (tensor<150x39xf32>, tensor<3x290x80xf32>) {
  %0 = prim.contract %x, %y {maps = [affine_map<(k, i, j) -> (k, i)>, affine_map<(k, i, j) -> (k, j)>, affine_map<(k, i, j) -> (i, j)>]} : tensor<1061x150xf32>, tensor<1061x39xf32>
  %1 = prim.tanh %0 : tensor<150x39xf32>
  %2 = prim.contract %p, %q {maps = [affine_map<(b, k, i, j) -> (b, k, i)>, affine_map<(b, k, i, j) -> (b, k, j)>, affine_map<(b, k, i, j) -> (b, i, j)>]} : tensor<3x700x290xf32>, tensor<3x700x80xf32>
  %3 = prim.exp %2 : tensor<3x290x80xf32>
  %4 = prim.tanh %3 : tensor<3x290x80xf32>
  return %1, %4 : tensor<150x39xf32>, tensor<3x290x80xf32>
}

// Projection and attention's scores of slices of one tensor.
func.func @scores(%a: tensor<5x37x3x2x24xf32>, %w: tensor<130x120xf32>, %c: tensor<45x120xf32>) -> (tensor<5x2x37x37xf32>, tensor<45x130xf32>) {
  %0 = prim.transpose %a {permutation = array<i64: 2, 0, 3, 1, 4>} : tensor<5x37x3x2x24xf32>
  %1 = prim.slice %0 {offsets = array<i64: 0, 0, 0, 0, 0>, sizes = array<i64: 1, 5, 2, 37, 24>, strides = array<i64: 1, 1, 1, 1, 1>} : tensor<3x5x2x37x24xf32>
  %2 = prim.slice %0 {offsets = array<i64: 1, 0, 0, 0, 0>, sizes = array<i64: 1, 5, 2, 37, 24>, strides = array<i64: 1, 1, 1, 1, 1>} : tensor<3x5x2x37x24xf32>
  %q = prim.reshape %1 : tensor<1x5x2x37x24xf32> to tensor<5x2x37x24xf32>
  %k = prim.reshape %2 : tensor<1x5x2x37x24xf32> to tensor<5x2x37x24xf32>
  %3 = prim.contract %q, %k {maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>]} : tensor<5x2x37x24xf32>, tensor<5x2x37x24xf32>
  %4 = prim.tanh %3 : tensor<5x2x37x37xf32>
  %5 = prim.contract %c, %w {maps = [affine_map<(i, j, d) -> (i, d)>, affine_map<(i, j, d) -> (j, d)>, affine_map<(i, j, d) -> (i, j)>]} : tensor<45x120xf32>, tensor<130x120xf32>
  %6 = prim.erf %5 : tensor<45x130xf32>
  %7 = prim.tanh %6 : tensor<45x130xf32>
  return %4, %7 : tensor<5x2x37x37xf32>, tensor<45x130xf32>
}

// A softmax of rows that are wider than a tile of the contraction before it, which has a long sum or few terms: both wait in a buffer of whole rows.
func.func @rows(%a: tensor<70x500xf32>, %b: tensor<47x500xf32>, %c: tensor<70x20xf32>, %d: tensor<47x20xf32>) -> (tensor<70x47xf32>, tensor<70x47xf32>) {
  %0 = prim.contract %a, %b {maps = [affine_map<(i, j, d) -> (i, d)>, affine_map<(i, j, d) -> (j, d)>, affine_map<(i, j, d) -> (i, j)>]} : tensor<70x500xf32>, tensor<47x500xf32>
  %1 = nn.softmax %0 {dim = 1 : i64} : tensor<70x47xf32>
  %2 = prim.contract %c, %d {maps = [affine_map<(i, j, d) -> (i, d)>, affine_map<(i, j, d) -> (j, d)>, affine_map<(i, j, d) -> (i, j)>]} : tensor<70x20xf32>, tensor<47x20xf32>
  %3 = nn.softmax %2 {dim = 1 : i64} : tensor<70x47xf32>
  return %1, %3 : tensor<70x47xf32>, tensor<70x47xf32>
}
