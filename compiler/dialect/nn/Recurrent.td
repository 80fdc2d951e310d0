// The dialect `nn`: recurrent layers, one layer in one direction; each decomposes into a scan.
#ifndef TENON_NN_RECURRENT_TD
#define TENON_NN_RECURRENT_TD

/// `g`: how many rows of weights an element of the state has; `states_`: how many states there are.
class Nn_Recurrent<string mnemonic, string g, string states_, dag own, string call> : Tenon_Op<Nn_Dialect, mnemonic, [Pure, AttrSizedOperandSegments, DeclareOpInterfaceMethods<DecomposableOpInterface>]> {
  let autocast = "low";
  string constraints = [{
    x is [T, B, I], a state [B, H], w_ih [}] # g # [{ H, I], w_hh [}] # g # [{ H, H], each bias [}] # g # [{ H]; results are y [T, B, H], the states after every step, then the last states.
    `reverse`: from the last step to the first. `lengths` [B]: after a sequence's end its states stay, and its y is 0 (in reverse it begins at its end).
    C1: x has three dimensions. C2: states, weights and biases have these shapes and x's element type; there are no biases or two. C3: lengths are one 64-bit integer for each of B. C4: results have these shapes.
  }];
  let inputs = (ins FloatTensor:$x, Variadic<FloatTensor>:$states, FloatTensor:$w_ih, FloatTensor:$w_hh, Variadic<FloatTensor>:$bias, Optional<IntegerTensor>:$lengths);
  let attributes = !con((ins UnitAttr:$reverse), own);
  let results = (outs FloatTensor:$y, Variadic<FloatTensor>:$last);
  let assemblyFormat = "$x `states` `(` $states `)` `weights` `(` $w_ih `,` $w_hh `)` (`bias` `(` $bias^ `)`)? (`lengths` $lengths^)? attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = commonDefinition #
    "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decompose(::mlir::ImplicitLocOpBuilder &builder) { return " # call # "; }\n"
    "::llvm::LogicalResult $cppClass::verify() { return verifyRecurrent(*this, " # g # ", " # states_ # "); }\n";
  let hasVerifier = 1;
  let low = "-0.25"; let high = "0.25"; // recurrent weights that contract: else 50 steps amplify the last bit of a float32
}

def Nn_RnnOp : Nn_Recurrent<"rnn", "1", "1", (ins UnitAttr:$relu), "recurrent(*this, builder, getRelu() ? Cell::relu : Cell::tanh)"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A recurrent layer: h' = tanh(x w_ih^T + b_ih + h w_hh^T + b_hh), or relu";
  let description = constraints # [{

    Example: `%y, %h = nn.rnn %x states(%h0) weights(%w, %u) bias(%b, %c) : (tensor<5x2x3xf32>, tensor<2x4xf32>, tensor<4x3xf32>, tensor<4x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)`
  }];
  let onnx = "RNN";
  let samples = ["func.func @f(%x: tensor<3x2x3xT>, %h: tensor<2x2xT>, %w: tensor<2x3xT>, %u: tensor<2x2xT>, %b: tensor<2xT>, %c: tensor<2xT>) -> (tensor<3x2x2xT>, tensor<2x2xT>) { %y, %n = nn.rnn %x states(%h) weights(%w, %u) bias(%b, %c) : (tensor<3x2x3xT>, tensor<2x2xT>, tensor<2x3xT>, tensor<2x2xT>, tensor<2xT>, tensor<2xT>) -> (tensor<3x2x2xT>, tensor<2x2xT>) return %y, %n : tensor<3x2x2xT>, tensor<2x2xT> }"];
}
def Nn_LstmOp : Nn_Recurrent<"lstm", "4", "2", (ins), "recurrent(*this, builder, Cell::lstm)"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A layer of long short-term memory: c' = f c + i g, h' = o tanh(c')";
  let description = "Of the sum of x w_ih^T + b_ih and h w_hh^T + b_hh, cut in four (PyTorch's order): i, f and o are its sigmoids, g its tanh. Source: Hochreiter and Schmidhuber, Neural Computation 9(8), 1997." # constraints # [{

    Example: `%y, %h, %c = nn.lstm %x states(%h0, %c0) weights(%w, %u) : (tensor<5x2x3xf32>, tensor<2x4xf32>, tensor<2x4xf32>, tensor<16x3xf32>, tensor<16x4xf32>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>)`
  }];
  let onnx = "LSTM";
  let samples = ["func.func @f(%x: tensor<3x2x3xT>, %h: tensor<2x2xT>, %c: tensor<2x2xT>, %w: tensor<8x3xT>, %u: tensor<8x2xT>) -> (tensor<3x2x2xT>, tensor<2x2xT>, tensor<2x2xT>) { %y, %n, %m = nn.lstm %x states(%h, %c) weights(%w, %u) {reverse} : (tensor<3x2x3xT>, tensor<2x2xT>, tensor<2x2xT>, tensor<8x3xT>, tensor<8x2xT>) -> (tensor<3x2x2xT>, tensor<2x2xT>, tensor<2x2xT>) return %y, %n, %m : tensor<3x2x2xT>, tensor<2x2xT>, tensor<2x2xT> }"];
}
def Nn_GruOp : Nn_Recurrent<"gru", "3", "1", (ins), "recurrent(*this, builder, Cell::gru)"> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A layer of gated recurrent units: h' = n + z (h - n)";
  let description = "With a = x w_ih^T + b_ih and r = h w_hh^T + b_hh, each cut in three (PyTorch's order): the reset and z are sigmoids of sums of the first and second parts, n = tanh(a3 + reset r3). Source: Cho et al., arXiv 1406.1078." # constraints # [{

    Example: `%y, %h = nn.gru %x states(%h0) weights(%w, %u) lengths %n : (tensor<5x2x3xf32>, tensor<2x4xf32>, tensor<12x3xf32>, tensor<12x4xf32>, tensor<2xi64>) -> (tensor<5x2x4xf32>, tensor<2x4xf32>)`
  }];
  let onnx = "GRU";
  let lowInteger = "0";
  let samples = ["func.func @f(%x: tensor<3x2x3xT>, %h: tensor<2x2xT>, %w: tensor<6x3xT>, %u: tensor<6x2xT>, %l: tensor<2xi64>) -> (tensor<3x2x2xT>, tensor<2x2xT>) { %y, %n = nn.gru %x states(%h) weights(%w, %u) lengths %l : (tensor<3x2x3xT>, tensor<2x2xT>, tensor<6x3xT>, tensor<6x2xT>, tensor<2xi64>) -> (tensor<3x2x2xT>, tensor<2x2xT>) return %y, %n : tensor<3x2x2xT>, tensor<2x2xT> }"];
}
#endif
