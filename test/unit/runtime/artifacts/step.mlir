// What the artifacts of this folder hold, one per version of the plan, for the plainest processor. Each must load and run in this runtime and in later ones:
//   tenonc --target=x86-64 step.mlir -o v2.so
// State with a start and an alias, a loop over slices, a loop that data ends, a branch, a check, a reduction, a constant.
module {
  prim.state @w : tensor<3xf32> = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  prim.state @tied : tensor<3xf32> alias @w
  prim.state @count : tensor<i64>

  // w += the sum over rows of x[t] * w, each step with the w that it has got to; twice that while its sum is under 100.
  func.func @train(%x: tensor<4x3xf32> {tenon.name = "x"}) -> (tensor<f32> {tenon.name = "loss"}) attributes {tenon.function = "train"} {
    %ok = prim.compare eq %x, %x : tensor<4x3xf32>
    prim.check %ok, "x is not a number" : tensor<4x3xi1>
    %w = prim.read @w : tensor<3xf32>
    %last = prim.scan inits(%w : tensor<3xf32>) xs(%x : tensor<4x3xf32>) length(4) {
    ^bb0(%h: tensor<3xf32>, %s: tensor<3xf32>):
      %p = prim.mul %h, %s : tensor<3xf32>
      %n = prim.add %h, %p : tensor<3xf32>
      prim.yield %n : tensor<3xf32>
    } -> tensor<3xf32>
    %grown = prim.while inits(%last : tensor<3xf32>) {
    ^bb0(%h: tensor<3xf32>):
      %sum = prim.reduce_sum %h {dimensions = array<i64: 0>} : tensor<3xf32>
      %limit = prim.constant dense<100.0> : tensor<f32>
      %more = prim.compare lt %sum, %limit : tensor<f32>
      prim.yield %more : tensor<i1>
    } do {
    ^bb0(%h: tensor<3xf32>):
      %twice = prim.add %h, %h : tensor<3xf32>
      prim.yield %twice : tensor<3xf32>
    } -> tensor<3xf32>
    %old = prim.read @count : tensor<i64>
    %one = prim.constant dense<1> : tensor<i64>
    %count = prim.add %old, %one : tensor<i64>
    %first = prim.compare eq %count, %one : tensor<i64>
    %new = prim.if %first captured(%grown : tensor<3xf32>) {
    ^bb0(%v: tensor<3xf32>):
      prim.yield %v : tensor<3xf32>
    } else {
    ^bb0(%v: tensor<3xf32>):
      %half = prim.constant dense<0.5> : tensor<3xf32>
      %h = prim.mul %v, %half : tensor<3xf32>
      prim.yield %h : tensor<3xf32>
    } -> tensor<3xf32>
    prim.write @tied, %new : tensor<3xf32>
    prim.write @count, %count : tensor<i64>
    %loss = prim.reduce_sum %new {dimensions = array<i64: 0>} : tensor<3xf32>
    return %loss : tensor<f32>
  }
  func.func @predict(%x: tensor<2x3xf32> {tenon.name = "x"}) -> (tensor<2xf32> {tenon.name = "y"}) attributes {tenon.function = "predict"} {
    %w = prim.read @w : tensor<3xf32>
    %y = prim.contract %x, %w {maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (k)>, affine_map<(i, k) -> (i)>]} : tensor<2x3xf32>, tensor<3xf32>
    return %y : tensor<2xf32>
  }
}
