// prim: named state, and checks of data.
#ifndef TENON_PRIM_STATE_TD
#define TENON_PRIM_STATE_TD

def Prim_StateResource : Resource<"::tenon::ir::prim::StateResource">;
def Prim_CheckResource : Resource<"::tenon::ir::prim::CheckResource">;

def Prim_StateOp : Prim_Op<"state", [Symbol]> {
  let onnxForm = "OnnxNames{}";
  let summary = "A named tensor that lives from step to step";
  let description = [{
    C1: the initial value has the state's type. C2: an alias (a tied weight) names another state of the same type, which has no alias itself and holds the value.

    Example: `prim.state @"fc1.weight" : tensor<128x784xf32> = dense<0.0> : tensor<128x784xf32>`
  }];
  let attributes = (ins SymbolNameAttr:$sym_name, TypeAttrOf<TenonTensor>:$type, OptionalAttr<ElementsAttr>:$initial, OptionalAttr<FlatSymbolRefAttr>:$alias);
  let assemblyFormat = "$sym_name `:` $type (`=` $initial^)? (`alias` $alias^)? attr-dict";
  let vjp = NoVjp;
  let hasVerifier = 1;
  let samples = ["prim.state @w : tensor<2x3xf32> = dense<1.5> : tensor<2x3xf32>\nprim.state @tied : tensor<2x3xf32> alias @w\nfunc.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> { %w = prim.read @tied : tensor<2x3xf32> return %w : tensor<2x3xf32> }"];
  let extraClassDeclaration = [{
    /// The state of that name as seen from `from`, through its alias; null if there is none.
    static StateOp resolve(::mlir::Operation *from, ::mlir::FlatSymbolRefAttr name);
  }];
}

def Prim_ReadOp : Prim_Op<"read", [MemoryEffects<[MemRead<Prim_StateResource>]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let onnxForm = "OnnxNames{o.read(getState())}";
  let summary = "The value of a state, after the writes above it";
  let description = "C1: the state exists and has the result's type.\n\nExample: `%w = prim.read @\"fc1.weight\" : tensor<128x784xf32>`";
  let attributes = (ins FlatSymbolRefAttr:$state);
  let results = (outs TenonTensor:$y);
  let assemblyFormat = "$state attr-dict `:` type($y)";
  let vjp = NoVjp;
  let samples = ["prim.state @w : tensor<2x3xf32>\nfunc.func @f() -> tensor<2x3xf32> { %w = prim.read @w : tensor<2x3xf32> return %w : tensor<2x3xf32> }"];
}

def Prim_WriteOp : Prim_Op<"write", [MemoryEffects<[MemWrite<Prim_StateResource>]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let onnxForm = "(o.write(getState(), o(getValue())), OnnxNames{})";
  let summary = "Replaces the value of a state";
  let description = "C1: the state exists and has the operand's type.\n\nExample: `prim.write @\"fc1.weight\", %v : tensor<128x784xf32>`";
  let inputs = (ins TenonTensor:$value);
  let attributes = (ins FlatSymbolRefAttr:$state);
  let assemblyFormat = "$state `,` $value attr-dict `:` type($value)";
  let vjp = NoVjp;
  let samples = ["prim.state @w : tensor<2x3xf32>\nfunc.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> { prim.write @w, %x : tensor<2x3xf32> %w = prim.read @w : tensor<2x3xf32> return %w : tensor<2x3xf32> }"];
}

def Prim_CheckOp : Prim_Op<"check", [MemoryEffects<[MemWrite<Prim_CheckResource>]>]> {
  let onnxForm = "OnnxNames{}"; // ONNX has no errors
 
  let summary = "The step fails with a message, its state untouched, if any element is false";
  let description = "Example: `prim.check %ok, \"label out of range\" : tensor<64xi1>`";
  let inputs = (ins FlagTensor:$condition);
  let attributes = (ins StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
  let vjp = NoVjp;
  let samples = ["func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> { %ok = prim.compare eq %x, %x : tensor<2x3xf32> prim.check %ok, \"x is not a number\" : tensor<2x3xi1> return %x : tensor<2x3xf32> }"];
}
#endif
