// prim: ops that make or rearrange elements.
#ifndef TENON_PRIM_SHAPE_TD
#define TENON_PRIM_SHAPE_TD

def Prim_ConstantOp : Prim_Op<"constant", [ConstantLike, Pure, InferredType]> {
  let onnxForm = "OnnxNames{o.constant(getValue())}";
  let summary = "Elements known when compiling";
  let description = "C1: the result has the type of the elements.\n\nExample: `%y = prim.constant dense<0.5> : tensor<2x3xf32>`";
  let attributes = (ins ElementsAttr:$value);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$value attr-dict";
  let vjp = NoVjp;
  let onnx = "Constant";
  let samples = ["<{value = dense<1.5> : tensor<2x3xf32>}> : () -> tensor<2x3xf32>", "<{value = dense<[1, 2]> : tensor<2xi32>}> : () -> tensor<2xi32>"];
  let hasFolder = 1;
}

def Prim_IotaOp : Prim_LoopNest<"iota"> {
  let onnxForm = "onnx(*this, o)";
  let extraClassDeclaration = "std::optional<::tenon::ir::OnnxRepeated> getOnnxRepeated();";
  let summary = "Every element is its own index along a dimension";
  let description = "C1: the dimension exists in the result.\n\nExample: `%y = prim.iota {dimension = 1} : tensor<2x3xi32>`";
  let attributes = (ins I64Attr:$dimension);
  let results = (outs NumberTensor:$y);
  let assemblyFormat = "attr-dict `:` type($y)";
  let scalar = "cast(loopIndex(builder, getDimension()), resultElement)";
  let vjp = NoVjp;
  let samples = ["<{dimension = 1 : i64}> : () -> tensor<2x3xT>", "<{dimension = 0 : i64}> : () -> tensor<2x3xT>"];
  let hasVerifier = 1;
}

def Prim_BroadcastOp : Prim_LoopNest<"broadcast"> {
  let onnxForm = "onnx(*this, o)";
  let extraClassDeclaration = "std::optional<::tenon::ir::OnnxRepeated> getOnnxRepeated();";
  let summary = "Repeats a tensor along new dimensions and along dimensions of extent 1";
  let description = [{
    Operand dimension i becomes result dimension `dimensions[i]`. C1: one entry per operand dimension. C2: entries increase and exist in the result.
    C3: extents are equal or the operand's is 1. C4: element types are equal.

    Example: `%y = prim.broadcast %x {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<2x3xf32>`
  }];
  let inputs = (ins TenonTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$dimensions);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let scalar = "x";
  let maps = "operandMap(*this, broadcastMap(*this))";
  let vjp = "sumToOperand(*this, dy)";
  let onnx = "Expand";
  let samples = ["<{dimensions = array<i64: 1>}> : (tensor<3xT>) -> tensor<2x3xT>", "<{dimensions = array<i64: 0, 1>}> : (tensor<2x1xT>) -> tensor<2x3xT>",
    "<{dimensions = array<i64>}> : (tensor<T>) -> tensor<2x3xT>", "<{dimensions = array<i64: 0, 2>}> : (tensor<2x1xT>) -> tensor<2x3x4xT>"];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Prim_ReshapeOp : Prim_LoopNest<"reshape"> {
  let onnxForm = "OnnxNames{o.reshape(o(getX()), getY().getType().getShape())}";
  let summary = "The same elements in row-major order under another shape";
  let description = "C1: the number of elements is the same. C2: element types are equal.\n\nExample: `%y = prim.reshape %x : tensor<2x3xf32> to tensor<6xf32>`";
  let inputs = (ins TenonTensor:$x);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let scalar = "x";
  let maps = "operandMap(*this, reshapeMap(*this))";
  let vjp = "reshape(dy, x.shape())";
  let onnx = "Reshape";
  let samples = ["<{}> : (tensor<2x6xT>) -> tensor<3x4xT>", "<{}> : (tensor<T>) -> tensor<1x1xT>", "<{}> : (tensor<4x2x3xT>) -> tensor<4x6xT>", "<{}> : (tensor<4x6xT>) -> tensor<4x2x1x3xT>"];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = "bool isView() { return true; }";
}

def Prim_TransposeOp : Prim_LoopNest<"transpose", [InferredType]> {
  let onnxForm = onnxPlain; let onnxAttributes = "{\"perm\", getPermutation().vec()}";
  let summary = "Reorders the dimensions";
  let description = "Result dimension i is operand dimension `permutation[i]`. C1: it is a permutation of the operand's dimensions.\n\nExample: `%y = prim.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3xf32>`";
  let inputs = (ins TenonTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$permutation);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let scalar = "x";
  let maps = "operandMap(*this, transposeMap(*this))";
  let vjp = "transpose(dy, inverse(getPermutation()))";
  let onnx = "Transpose";
  let samples = ["<{permutation = array<i64: 1, 0>}> : (tensor<2x3xT>) -> tensor<3x2xT>", "<{permutation = array<i64: 2, 0, 1>}> : (tensor<2x3x4xT>) -> tensor<4x2x3xT>"];
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def Prim_SliceOp : Prim_LoopNest<"slice", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A box of elements, with strides";
  let description = [{
    Result element i is operand element `offsets + i * strides`. C1: one offset, size and stride per dimension. C2: offsets and sizes are not negative, strides are positive.
    C3: the last element taken exists.

    Example: `%y = prim.slice %x {offsets = array<i64: 0, 1>, sizes = array<i64: 2, 2>, strides = array<i64: 1, 1>} : tensor<2x3xf32>`
  }];
  let inputs = (ins TenonTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let scalar = "x";
  let maps = "operandMap(*this, sliceMap(*this))";
  let vjp = "unslice(*this, dy)";
  let onnx = "Slice";
  let samples = ["<{offsets = array<i64: 0, 1>, sizes = array<i64: 2, 2>, strides = array<i64: 1, 1>}> : (tensor<2x4xT>) -> tensor<2x2xT>",
    "<{offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>, strides = array<i64: 1, 1>}> : (tensor<2x4xT>) -> tensor<1x2xT>",
    "<{offsets = array<i64: 1>, sizes = array<i64: 3>, strides = array<i64: 2>}> : (tensor<7xT>) -> tensor<3xT>"];
  let hasFolder = 1;
}

def Prim_PadOp : Prim_LoopNest<"pad", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Puts a value around the elements, and between them";
  let description = [{
    `interior` values are put between neighbours of each dimension (empty: none), then `low` and `high` values at its ends; a negative number takes that many elements away.
    C1: one entry per dimension. C2: `interior` is not negative, nor is an extent of the result. C3: the value is a scalar of the operand's element type.

    Example: `%y = prim.pad %x, %v {low = array<i64: 0, 1>, high = array<i64: 0, 1>} : tensor<2x3xf32>, tensor<f32>`
  }];
  let inputs = (ins TenonTensor:$x, TenonTensor:$value);
  let attributes = (ins DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$interior);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let body = "padBody";
  let maps = "padMaps(*this)";
  let vjp = "unpad(*this, dy), unpadValue(*this, dy)";
  let onnx = "Pad";
  let samples = ["<{low = array<i64: 0, 1>, high = array<i64: 0, 2>}> : (tensor<2x3xT>, tensor<T>) -> tensor<2x6xT>",
    "<{low = array<i64: 1>, high = array<i64: 0>, interior = array<i64: 2>}> : (tensor<3xT>, tensor<T>) -> tensor<8xT>",
    "<{low = array<i64: -1, 1>, high = array<i64: 2, -1>}> : (tensor<2x3xT>, tensor<T>) -> tensor<3x3xT>",
    "<{low = array<i64: -1>, high = array<i64: -2>, interior = array<i64: 1>}> : (tensor<4xT>, tensor<T>) -> tensor<4xT>"];
}

def Prim_RepeatInterleaveOp : Prim_LoopNest<"repeat_interleave", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Every element several times in a row";
  let description = [{
    Result element i is operand element `i / repeats`, in each dimension. C1: one entry per dimension. C2: entries are positive.

    Example: `%y = prim.repeat_interleave %x {repeats = array<i64: 1, 2>} : tensor<2x3xf32>`
  }];
  let inputs = (ins TenonTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$repeats);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let scalar = "x";
  let maps = "operandMap(*this, repeatMap(*this))";
  let vjp = "sumOfRepeats(*this, dy)";
  let samples = ["<{repeats = array<i64: 1, 2>}> : (tensor<2x3xT>) -> tensor<2x6xT>", "<{repeats = array<i64: 3, 2>}> : (tensor<2x3xT>) -> tensor<6x6xT>",
    "<{repeats = array<i64: 20>}> : (tensor<3xT>) -> tensor<60xT>"];
}

def Prim_ConcatOp : Prim_LoopNest<"concat", [InferredType]> {
  let onnxForm = onnxPlain; let onnxAttributes = "{\"axis\", static_cast<int64_t>(getDimension())}";
  let summary = "Joins tensors along a dimension";
  let description = "C1: at least one operand. C2: operands agree in element type and in every other extent. C3: the dimension exists.\n\nExample: `%y = prim.concat %a, %b {dimension = 0} : tensor<2x3xf32>, tensor<1x3xf32>`";
  let inputs = (ins Variadic<TenonTensor>:$parts);
  let attributes = (ins I64Attr:$dimension);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let body = "concatBody";
  let maps = "concatMaps(*this)";
  let onnx = "Concat";
  let vjpDefinition = "::llvm::SmallVector<::tenon::ir::Expr> $cppClass::vjp(::mlir::ImplicitLocOpBuilder &, ::llvm::ArrayRef<::tenon::ir::Expr> cotangents) { return unconcat(*this, cotangents[0]); }\n";
  let samples = ["<{dimension = 0 : i64}> : (tensor<2x3xT>, tensor<1x3xT>) -> tensor<3x3xT>", "<{dimension = 1 : i64}> : (tensor<2x1xT>, tensor<2x2xT>, tensor<2x3xT>) -> tensor<2x6xT>"];
  let hasFolder = 1;
}

def Prim_ReverseOp : Prim_LoopNest<"reverse", [OneType<["x", "y"]>]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Turns dimensions around";
  let description = "C1: operand and result have one type. C2: the dimensions exist and differ.\n\nExample: `%y = prim.reverse %x {dimensions = array<i64: 0>} : tensor<2x3xf32>`";
  let inputs = (ins TenonTensor:$x);
  let attributes = (ins DenseI64ArrayAttr:$dimensions);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let scalar = "x";
  let maps = "operandMap(*this, reverseMap(*this))";
  let vjp = "reverse(dy, getDimensions())";
  let samples = ["<{dimensions = array<i64: 1>}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{dimensions = array<i64: 0, 1>}> : (tensor<2x3xT>) -> tensor<2x3xT>"];
  let hasVerifier = 1;
}

def Prim_PhiloxOp : Prim_LoopNest<"philox"> {
  let onnxForm = "OnnxNames{o.draw(getY().getType())}";
  let summary = "Random bits: one word of Philox4x32-10 per element";
  let description = [{
    Element e (row-major) is word `word` of the block with key (low, high 32 bits of `seed`) and counter (low, high 32 bits of `counter + e`, 0, 0): a draw of n elements
    consumes n counters, and a draw depends on nothing else. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
    C1: `word` is 0, 1, 2 or 3.

    Example: `%y = prim.philox %seed, %counter {word = 0} : tensor<2x3xi32>`
  }];
  let inputs = (ins KeyScalar:$seed, KeyScalar:$counter);
  let attributes = (ins I64Attr:$word);
  let results = (outs StaticShapeTensorOf<[I32]>:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
  let body = "philoxBody";
  let maps = "scalarOperandMaps(*this)";
  let vjp = NoVjp;
  let samples = ["<{word = 0 : i64}> : (tensor<i64>, tensor<i64>) -> tensor<2x3xi32>", "<{word = 3 : i64}> : (tensor<i64>, tensor<i64>) -> tensor<i32>"];
  let hasVerifier = 1;
}
#endif
