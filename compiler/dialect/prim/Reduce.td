// prim: ops that sum or compare over dimensions.
#ifndef TENON_PRIM_REDUCE_TD
#define TENON_PRIM_REDUCE_TD

class Prim_Reduce<string mnemonic, Type type> : Prim_LoopNest<mnemonic, [InferredType]> {
  let inputs = (ins type:$x);
  let attributes = (ins DenseI64ArrayAttr:$dimensions);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let description = "The dimensions are dropped. C1: they increase and exist.\n\nExample: `%y = prim." # mnemonic # " %x {dimensions = array<i64: 1>} : tensor<2x3xf32>`";
  let onnxForm = "onnxReduce(*this, getOnnxName(), getDimensions(), o)";
  let ranges = "operandShape(*this)";
  let iterators = "reductionLoops(*this, getDimensions())";
  let maps = "reductionMaps(*this, getDimensions())";
  let samples = ["<{dimensions = array<i64: 1>}> : (tensor<2x3xT>) -> tensor<2xT>", "<{dimensions = array<i64: 0, 1>}> : (tensor<2x3xT>) -> tensor<T>",
    "<{dimensions = array<i64: 0, 2>}> : (tensor<2x3x2xT>) -> tensor<3xT>"];
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}
/// The extremes share their cotangent equally (PyTorch's amax).
class Prim_Extreme<string mnemonic> : Prim_Reduce<mnemonic, NumberTensor> {
  let where = "Expr best = cast(eq(x, restore(y, x.shape(), getDimensions())), x), count = sum(best, getDimensions());";
  let vjp = "dy ? best * restore(dy / count, x.shape(), getDimensions()) : Expr()";
}

def Prim_ReduceSumOp : Prim_Reduce<"reduce_sum", NumberTensor> {
  let autocast = "single";
  let summary = "Sum over dimensions";
  let scalar = "Scalar(&builder, args[1]) + x"; let initial = "number(element, 0)"; let onnx = "ReduceSum";
  let vjp = "restore(dy, x.shape(), getDimensions())";
}
def Prim_ReduceMaxOp : Prim_Extreme<"reduce_max"> {
  let summary = "Largest over dimensions; NaN if any is. Equal maxima share their cotangent";
  let scalar = "max(Scalar(&builder, args[1]), x)"; let initial = "lowest(element)"; let onnx = "ReduceMax";
}
def Prim_ReduceMinOp : Prim_Extreme<"reduce_min"> {
  let summary = "Smallest over dimensions; NaN if any is. Equal minima share their cotangent";
  let scalar = "min(Scalar(&builder, args[1]), x)"; let initial = "highest(element)"; let onnx = "ReduceMin";
}

def Prim_ContractOp : Prim_LoopNest<"contract", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let autocast = "low";
  let summary = "Sum of products over every index absent from the result: matmul, batch matmul, einsum";
  let description = [{
    `maps` take the indices to the dimensions of a, b and the result. C1: three maps, projected permutations of the same indices. C2: every index occurs in two of them at least.
    C3: an index has one extent. C4: element types are equal.
    The derivative is a permutation of the maps.

    Example: `%y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<2x3xf32>, tensor<4x3xf32>`
  }];
  let inputs = (ins NumberTensor:$a, NumberTensor:$b);
  let attributes = (ins AffineMapArrayAttr:$maps);
  let results = (outs NumberTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let ranges = "contractRanges(*this)";
  let iterators = "contractLoops(*this)";
  let maps = "llvm::to_vector(getMaps().getAsValueRange<mlir::AffineMapAttr>())";
  let scalar = "args.size() == 3 ? fma(a, b, Scalar(&builder, args[2])) : a * b"; let initial = "number(element, 0)"; let onnx = "Einsum";
  let where = "auto m = getLoopMaps(); auto A = m[0], B = m[1], Y = m[2];";
  let vjp = "contract(dy, b, {Y, B, A}), contract(dy, a, {Y, A, B})";
  let samples = [
    "<{maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]}> : (tensor<2x3xT>, tensor<4x3xT>) -> tensor<2x4xT>",
    "<{maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (k, b, n)>, affine_map<(b, m, n, k) -> (m, b, n)>]}> : (tensor<2x3x2xT>, tensor<2x2x4xT>) -> tensor<3x2x4xT>",
    "<{maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>]}> : (tensor<5xT>, tensor<5xT>) -> tensor<T>"];
  let hasCanonicalizeMethod = 1;
}
#endif
