// The verifier of kernel.grid, constraint by constraint.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @yields_other_types(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{C1: yields types other than its results}}
  %0 = kernel.grid extent 0 block 0 level 0 inPlace [-1] (%x) {
  ^bb0(%a: tensor<4xf32>):
    %e = tensor.empty() : tensor<2xf32>
    kernel.yield %e : tensor<2xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @too_few_places(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{C2: expected one inPlace entry per result}}
  %0 = kernel.grid extent 0 block 0 level 0 inPlace [] (%x) {
  ^bb0(%a: tensor<4xf32>):
    kernel.yield %a : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @no_such_operand(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{C2: inPlace entry 1 is no operand of type 'tensor<4xf32>'}}
  %0 = kernel.grid extent 0 block 0 level 0 inPlace [1] (%x) {
  ^bb0(%a: tensor<4xf32>):
    kernel.yield %a : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @no_axis(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = kernel.grid extent 0 block 0 level 0 inPlace [-1] (%x) {
  ^bb0(%a: tensor<4xf32>):
    %e = tensor.empty() : tensor<4xf32>
    // expected-error @below {{C3: expected an integer `axis` inside kernel.grid}}
    %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb1(%p: f32, %q: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    kernel.yield %1 : tensor<4xf32>
  } : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
