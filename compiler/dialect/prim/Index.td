// prim: elements whose places are data.
#ifndef TENON_PRIM_INDEX_TD
#define TENON_PRIM_INDEX_TD

/// What pieces compute on; bf16, f16 and flags are converted around.
def WideTensor : StaticShapeTensorOf<[F32, F64, I32, I64]>;

def Prim_GatherOp : Prim_LoopNest<"gather", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Slices of a tensor at indices along an axis; zeros at indices that do not exist";
  let description = [{
    y[a..., i..., w...] = x[a..., indices[i...], w...]: the axis is replaced by the dimensions of `indices`. The adjoint is scatter; an index outside of [0, extent) reads
    zeros, as scatter leaves it out. C1: the axis exists.

    Example: `%y = prim.gather %x, %i {axis = 0} : tensor<5x3xf32>, tensor<2xi64>`
  }];
  let inputs = (ins TenonTensor:$x, IntegerTensor:$indices);
  let attributes = (ins I64Attr:$axis);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let body = "gatherBody";
  let maps = "gatherMaps(*this)";
  let vjp = "scatterAdd(indices, dy, x.type(), getAxis()), Expr()";
  let onnx = "Gather";
  let lowInteger = "-1"; let highInteger = "3";
  let samples = ["<{axis = 0 : i64}> : (tensor<3x2xT>, tensor<4xi64>) -> tensor<4x2xT>", "<{axis = 1 : i64}> : (tensor<2x3xT>, tensor<2x2xi32>) -> tensor<2x2x2xT>",
    "<{axis = 0 : i64}> : (tensor<4xT>, tensor<i64>) -> tensor<T>", "<{axis = 1 : i64}> : (tensor<2x3x2xT>, tensor<5xi64>) -> tensor<2x5x2xT>"];
}

def Prim_ScatterMode : I32EnumAttr<"ScatterMode", "how scatter combines what meets",
    [I32EnumAttrCase<"add", 0>, I32EnumAttrCase<"max", 1>, I32EnumAttrCase<"set", 2>]> { let cppNamespace = "::tenon::ir::prim"; }

def Prim_ScatterOp : Prim_Piecewise<"scatter", [DeclareOpInterfaceMethods<PiecewiseOpInterface, ["getPieceUnit"]>]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Puts slices at indices along an axis: the sum, the largest or the last of those that meet";
  let description = [{
    Starting from x (absent: zeros; the lowest number for `max`), for every place i of `indices` in row-major order: y[a..., indices[i...], w...] takes
    updates[a..., i..., w...] in by `mode`. Indices outside of [0, extent) are left out. Sums are in the order of the indices, whatever the threads.
    C1: the axis exists in the result. C2: `updates` has the result's shape with the axis replaced by the dimensions of `indices`. C3: element types are equal.
    C4: x has the result's type.

    Example: `%y = prim.scatter add %i, %u {axis = 0} : tensor<2xi64>, tensor<2x3xf32> to tensor<5x3xf32>`
  }];
  let inputs = (ins IntegerTensor:$indices, WideTensor:$updates, Optional<WideTensor>:$x);
  let attributes = (ins I64Attr:$axis, Prim_ScatterMode:$mode);
  let results = (outs WideTensor:$y);
  let assemblyFormat = "$mode operands attr-dict `:` type(operands) `to` type($y)";
  let adjoint = "unscatter";
  let onnx = "ScatterElements";
  let lowInteger = "-1"; let highInteger = "3";
  let samples = ["<{axis = 0 : i64, mode = 0 : i32}> : (tensor<4xi64>, tensor<4x2xT>, tensor<3x2xT>) -> tensor<3x2xT>",
    "<{axis = 1 : i64, mode = 0 : i32}> : (tensor<2x2xi32>, tensor<2x2x2xT>) -> tensor<2x3xT>", "<{axis = 0 : i64, mode = 1 : i32}> : (tensor<5xi64>, tensor<5xT>, tensor<4xT>) -> tensor<4xT>",
    "<{axis = 1 : i64, mode = 2 : i32}> : (tensor<4xi64>, tensor<2x4x2xT>, tensor<2x3x2xT>) -> tensor<2x3x2xT>", "<{axis = 0 : i64, mode = 2 : i32}> : (tensor<i64>, tensor<T>) -> tensor<3xT>"];
  let hasVerifier = 1;
}

def Prim_CumsumOp : Prim_Piecewise<"cumsum", [OneType<["x", "y"]>, DeclareOpInterfaceMethods<PiecewiseOpInterface, ["getPieceUnit"]>]> {
  let onnxForm = "OnnxNames{o.node(\"CumSum\", {o(getX()), o.integer(getDimension())}, {{\"exclusive\", int64_t(getExclusive())}, {\"reverse\", int64_t(getReverse())}})}";
  let autocast = "single";
  let summary = "Sums of all elements up to here along a dimension";
  let description = [{
    From the end where `reverse`; without the element itself where `exclusive`. Sums are in order, one after the other. C1: x and the result have one type. C2: the dimension exists.

    Example: `%y = prim.cumsum %x {dimension = 1} : tensor<2x3xf32>`
  }];
  let inputs = (ins WideTensor:$x);
  let attributes = (ins I64Attr:$dimension, DefaultValuedAttr<BoolAttr, "false">:$reverse, DefaultValuedAttr<BoolAttr, "false">:$exclusive);
  let results = (outs WideTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let adjoint = "uncumsum";
  let onnx = "CumSum";
  let samples = ["<{dimension = 1 : i64}> : (tensor<2x3xT>) -> tensor<2x3xT>", "<{dimension = 0 : i64, reverse = true}> : (tensor<4x3xT>) -> tensor<4x3xT>",
    "<{dimension = 1 : i64, exclusive = true}> : (tensor<2x3x2xT>) -> tensor<2x3x2xT>", "<{dimension = 0 : i64, reverse = true, exclusive = true}> : (tensor<5xT>) -> tensor<5xT>"];
  let hasVerifier = 1;
}

def Prim_ArgsortOp : Prim_Piecewise<"argsort", [OneShape<"x", "y", "C1">, DeclareOpInterfaceMethods<PiecewiseOpInterface, ["getScratch"]>]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "Where each element of the sorted row comes from";
  let description = [{
    Equal elements keep their order, descending too; NaN is larger than any number (PyTorch). C1: x and the result have one shape. C2: the dimension exists.

    Example: `%y = prim.argsort %x {dimension = 1} : tensor<2x3xf32> to tensor<2x3xi64>`
  }];
  let inputs = (ins WideTensor:$x);
  let attributes = (ins I64Attr:$dimension, DefaultValuedAttr<BoolAttr, "false">:$descending);
  let results = (outs StaticShapeTensorOf<[I64]>:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
  let samples = ["<{dimension = 1 : i64}> : (tensor<2x5xT>) -> tensor<2x5xi64>", "<{dimension = 0 : i64, descending = true}> : (tensor<4x3xT>) -> tensor<4x3xi64>",
    "<{dimension = 0 : i64}> : (tensor<9xT>) -> tensor<9xi64>"];
  let hasVerifier = 1;
}

def Prim_DynamicSliceOp : Prim_LoopNest<"dynamic_slice", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "A box of elements whose place is data";
  let description = [{
    y[i...] = x[start + i...]; each start is clamped so that the box lies inside. C1: one start and one size per dimension. C2: sizes are not negative and not above x's.

    Example: `%y = prim.dynamic_slice %x, %i, %j {sizes = array<i64: 1, 2>} : tensor<2x3xf32>, tensor<i64>, tensor<i64>`
  }];
  let inputs = (ins TenonTensor:$x, Variadic<KeyScalar>:$starts);
  let attributes = (ins DenseI64ArrayAttr:$sizes);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let body = "dynamicSliceBody";
  let maps = "dynamicSliceMaps(*this)";
  let vjpDefinition = "::llvm::SmallVector<::tenon::ir::Expr> $cppClass::vjp(::mlir::ImplicitLocOpBuilder &, ::llvm::ArrayRef<::tenon::ir::Expr> cotangents) { return unslice(*this, cotangents[0]); }\n";
  let samples = ["<{sizes = array<i64: 2, 2>}> : (tensor<2x4xT>, tensor<i64>, tensor<i64>) -> tensor<2x2xT>", "<{sizes = array<i64: 3>}> : (tensor<6xT>, tensor<i64>) -> tensor<3xT>",
    "<{sizes = array<i64: 1, 3>}> : (tensor<4x3xT>, tensor<i64>, tensor<i64>) -> tensor<1x3xT>"];
}

def Prim_DynamicUpdateSliceOp : Prim_LoopNest<"dynamic_update_slice", [InferredType]> {
  let onnxForm = "onnx(*this, o)";
  let summary = "x with a box of its elements replaced, whose place is data";
  let description = [{
    y[start + i...] = update[i...], x elsewhere; each start is clamped so that the box lies inside. C1: one start per dimension.
    C2: the update has x's rank and element type and is nowhere larger.

    Example: `%y = prim.dynamic_update_slice %x, %u, %i, %j : tensor<2x3xf32>, tensor<1x2xf32>, tensor<i64>, tensor<i64>`
  }];
  let inputs = (ins TenonTensor:$x, TenonTensor:$update, Variadic<KeyScalar>:$starts);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let body = "dynamicUpdateSliceBody";
  let maps = "dynamicUpdateSliceMaps(*this)";
  let vjpDefinition = "::llvm::SmallVector<::tenon::ir::Expr> $cppClass::vjp(::mlir::ImplicitLocOpBuilder &, ::llvm::ArrayRef<::tenon::ir::Expr> cotangents) { return unupdateSlice(*this, cotangents[0]); }\n";
  let samples = ["<{}> : (tensor<2x4xT>, tensor<2x2xT>, tensor<i64>, tensor<i64>) -> tensor<2x4xT>", "<{}> : (tensor<6xT>, tensor<3xT>, tensor<i64>) -> tensor<6xT>",
    "<{}> : (tensor<4x3xT>, tensor<1x3xT>, tensor<i64>, tensor<i64>) -> tensor<4x3xT>"];
}
#endif
