// What the rest of the compiler may ask of an op, and the base class from which one TableGen entry becomes a whole op.
#ifndef TENON_INTERFACES_TD
#define TENON_INTERFACES_TD
include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

//===-- Interfaces --------------------------------------------------------------------------------------------------===//

def LoopNestOpInterface : OpInterface<"LoopNestOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = [{
    The op as one perfect loop nest with one result. Lowering and the reference evaluator are made from it and know no op by name.
    Types may be promoted: whoever calls `buildBody` converts bf16 and f16 arguments to f32 first, asks for an f32 result, and rounds it after.
  }];
  let methods = [
    InterfaceMethod<"Extent of every loop.", "::llvm::SmallVector<int64_t>", "getLoopRanges", (ins)>,
    InterfaceMethod<"Kind of every loop.", "::llvm::SmallVector<::mlir::utils::IteratorType>", "getIterators", (ins)>,
    InterfaceMethod<"From loop indices to the element of each operand, then of the result. A null map: the body reads that operand itself, by tensor.extract.",
      "::llvm::SmallVector<::mlir::AffineMap>", "getLoopMaps", (ins)>,
    InterfaceMethod<[{Builds the scalar result. `args`: the elements of the operands that have a map, in order, then (reductions) the accumulator.
      `operands`: all operand tensors, for tensor.extract. Loop indices are linalg.index.}],
      "::mlir::Value", "buildBody", (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$args,
                                         "::mlir::ValueRange":$operands, "::mlir::Type":$resultElement)>,
    InterfaceMethod<"What a reduction starts from; null for others.", "::mlir::TypedAttr", "getInitial", (ins "::mlir::Type":$element)>,
    InterfaceMethod<"The result holds the elements of operand 0 in the same row-major order (reshape): no loop is needed where memory is row-major.",
      "bool", "isView", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<"Where operand 0 is read through windows (see window.h), else none. In its map a sum of two loops stands for a window.",
      "::llvm::SmallVector<::tenon::ir::Window>", "getWindows", (ins), [{}], [{ return {}; }]>,
  ];
}

def PiecewiseOpInterface : OpInterface<"PiecewiseOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = [{
    An op with one result that is not one loop nest (scatter, sort, cumsum): its work falls into pieces that need nothing of each other, and each writes a part of the
    result that is its own. It becomes a kernel by itself, whose grid cuts the pieces; the result must not depend on where. bf16 and f16 do not come here: rules compute in f32.
  }];
  let methods = [
    InterfaceMethod<"How many pieces there are: at least 1.", "int64_t", "getPieces", (ins)>,
    InterfaceMethod<"Blocks hold a multiple of this many pieces (pieces that are elements of a row: a vector).", "int64_t", "getPieceUnit", (ins "int64_t":$lanes),
      [{}], [{ return 1; }]>,
    InterfaceMethod<"Nanoseconds on one core, roughly.", "int64_t", "getWork", (ins)>,
    InterfaceMethod<"Memory that the pieces use meanwhile, as tensors; a piece keeps to its own part.", "::llvm::SmallVector<::mlir::RankedTensorType>", "getScratch", (ins),
      [{}], [{ return {}; }]>,
    InterfaceMethod<"Writes the pieces [begin, end) as scf, arith, memref and vector code. `memory`: a memref per operand, then the result's, then scratch; flags are bytes there.",
      "void", "buildPieces", (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::mlir::ValueRange":$memory, "::mlir::Value":$begin, "::mlir::Value":$end, "int64_t":$lanes)>,
    InterfaceMethod<"The result by plain loops that know nothing of the above: the oracle.", "::tenon::ir::Literal", "evaluate",
      (ins "::llvm::ArrayRef<const ::tenon::ir::Literal *>":$operands)>,
  ];
}

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = "The op's derivative, as expressions over prim ops.";
  let methods = [
    InterfaceMethod<"One cotangent per operand, given one per result; null where none flows. Fewer than operands: it has none here, and has said why.",
      "::llvm::SmallVector<::tenon::ir::Expr>", "vjp", (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::llvm::ArrayRef<::tenon::ir::Expr>":$cotangents)>,
  ];
}

def DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = "The op as a composition of simpler ops.";
  let methods = [
    InterfaceMethod<"Builds the composition; one value per result.", "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decompose",
      (ins "::mlir::ImplicitLocOpBuilder &":$builder)>,
  ];
}

def OnnxOpInterface : OpInterface<"OnnxOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = "What ONNX calls the op.";
  let methods = [
    InterfaceMethod<"The ONNX operator; empty where there is none.", "::llvm::StringRef", "getOnnxName", (ins)>,
    InterfaceMethod<"Writes the op as ONNX: see onnx.h. Nothing: it has no form of its own here; its decomposition leaves instead, if it has one.",
      "::tenon::ir::OnnxForm", "writeOnnx", (ins "::tenon::ir::OnnxBuilder &":$o)>,
    InterfaceMethod<"Where all that the op does is to repeat elements: what it repeats, which ONNX's pointwise ops repeat by themselves.",
      "std::optional<::tenon::ir::OnnxRepeated>", "getOnnxRepeated", (ins), "", "return std::nullopt;">,
  ];
}

def AutocastOpInterface : OpInterface<"AutocastOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = "What the frontend's autocast does to the op's operands before the op is written; a trace holds the casts, and passes know nothing of it.";
  let methods = [StaticInterfaceMethod<"In which element type the op runs.", "::tenon::ir::Autocast", "getAutocast", (ins)>];
}

def SampledOpInterface : OpInterface<"SampledOpInterface"> {
  let cppNamespace = "::tenon::ir";
  let description = [{
    Small cases of the op, from which the tests that enumerate the registered ops are made: see `Sample` in samples.h.
    A new op is found by them without a change; an op without a sample fails them.
  }];
  let methods = [StaticInterfaceMethod<"The cases.", "::llvm::SmallVector<::tenon::ir::Sample>", "getSamples", (ins)>];
}

//===-- Types -------------------------------------------------------------------------------------------------------===//

def TenonTensor   : StaticShapeTensorOf<[F32, F64, BF16, F16, I32, I64, I1]>;
def NumberTensor  : StaticShapeTensorOf<[F32, F64, BF16, F16, I32, I64]>;
def FloatTensor   : StaticShapeTensorOf<[F32, F64, BF16, F16]>;
def IntegerTensor : StaticShapeTensorOf<[I32, I64]>;
def BitTensor     : StaticShapeTensorOf<[I32, I64, I1]>;
def FlagTensor    : StaticShapeTensorOf<[I1]>;
def FlagScalar    : Type<And<[StaticShapeTensorOf<[I1]>.predicate, CPred<"::llvm::cast<::mlir::ShapedType>($_self).getRank() == 0">]>, "tensor<i1>">,
  BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI1Type())">;
def KeyScalar     : Type<And<[StaticShapeTensorOf<[I64]>.predicate, CPred<"::llvm::cast<::mlir::ShapedType>($_self).getRank() == 0">]>, "tensor<i64>">,
  BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;

/// All named values have one type; results are inferred from it.
class OneType<list<string> names, string label = "C1"> : AllTypesMatch<names> { let summary = !interleave(names, ", ") # " have one type (" # label # ")"; }
/// The two named values have one shape.
class OneShape<string a, string b, string label> : PredOpTrait<"'" # a # "' and '" # b # "' have one shape (" # label # ")",
  CPred<"::llvm::cast<::mlir::ShapedType>($" # a # ".getType()).getShape() == ::llvm::cast<::mlir::ShapedType>($" # b # ".getType()).getShape()">>;

/// Result types follow from operands and attributes: the entry's C++ defines inferReturnTypes(context, location, Adaptor, types). Attributes may still be in a
/// dictionary (the parser infers before it has moved them), have their default unset, or be missing: the rule sees them complete or not at all.
def InferredType : TraitList<[
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    NativeOpTrait<"InferTypeOpAdaptor", [], [{
      static ::llvm::LogicalResult inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location, Adaptor adaptor,
                                                    ::llvm::SmallVectorImpl<::mlir::Type> &types);
    }], [{
      ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location, ::mlir::ValueRange operands,
          ::mlir::DictionaryAttr attributes, ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
        Properties complete = properties ? *properties.as<Properties *>() : Properties();
        ::mlir::Location at = location.value_or(::mlir::UnknownLoc::get(context));
        if (attributes && !attributes.empty() && ::mlir::failed(setPropertiesFromAttr(complete, attributes, [&] { return ::mlir::emitError(at); })))
          return ::mlir::failure();
        populateDefaultProperties(::mlir::OperationName(getOperationName(), context), complete);
        Adaptor adaptor(operands, attributes, complete, regions);
        return ::mlir::failed(adaptor.verify(at)) ? ::mlir::failure() : inferReturnTypes(context, location, adaptor, types);
      }
    }]>]>;

//===-- One entry, one op -------------------------------------------------------------------------------------------===//

/// C++ that binds every operand of `ins_` by its name as a Class{&builder, value}.
class BindOperands<dag ins_, string class_, string values> {
  string code_ = !foldl("", !range(!size(ins_)), acc, i, acc #
    "  [[maybe_unused]] " # class_ # " " # !getdagname(ins_, i) # "{&builder, " # values # "[" # i # "]};\n");
}
/// The same for results (y) and their cotangents (dy).
class BindResults<dag outs_> {
  string code_ = !foldl("", !range(!size(outs_)), acc, i, acc #
    "  [[maybe_unused]] Expr " # !getdagname(outs_, i) # "{&builder, (*this)->getResult(" # i # ")};\n"
    "  [[maybe_unused]] Expr d" # !getdagname(outs_, i) # " = cotangents[" # i # "];\n");
}

/// The word of an op that it has no derivative.
defvar NoVjp = "none";

/// Every op of Tenon. An entry says its operands (`inputs`), attributes, results, documentation, samples and ONNX name; dialects add the rest.
class Tenon_Op<Dialect dialect, string mnemonic, list<Trait> traits> : Op<dialect, mnemonic, traits # [
    DeclareOpInterfaceMethods<SampledOpInterface>, DeclareOpInterfaceMethods<OnnxOpInterface>, DeclareOpInterfaceMethods<AutocastOpInterface>]> {
  dag inputs = (ins);
  dag attributes = (ins);
  let arguments = !con(inputs, attributes);
  string onnx = "";
  /// How it leaves as ONNX: see onnx.h. An expression of `o`; empty: by its decomposition alone.
  code onnxForm = "";
  code onnxAttributes = "";
  int onnxSince = 1;
  /// Under autocast (PyTorch's lists): `low` runs in the low type, `single` in f32, `keep` in the types that come.
  string autocast = "keep";
  /// See samples.h. `T` stands for the element type, tried in turn.
  list<string> samples = [];
  /// Bounds of the samples' floating-point inputs.
  string low = "-2.0";
  string high = "2.0";
  /// Bounds of their integer inputs.
  string lowInteger = "-4";
  string highInteger = "4";

  /// The derivative: one expression per operand, separated by commas, over operands, results (y) and cotangents (dy). `NoVjp`: none flows.
  code vjp = "";
  /// Statements in front of it, at most three lines; longer rules are named functions.
  code where = "";

  /// One node of the same operands, where the entry names it.
  code onnxPlain = !if(!empty(onnx), "", "o.plain(*this, getOnnxName(), {" # onnxAttributes # "}, " # onnxSince # ")");
  code commonDefinition = "::llvm::StringRef $cppClass::getOnnxName() { return \"" # onnx # "\"; }\n"
    "::tenon::ir::OnnxForm $cppClass::writeOnnx([[maybe_unused]] ::tenon::ir::OnnxBuilder &o) { return " # !if(!empty(onnxForm), "std::nullopt", onnxForm) # "; }\n"
    "::tenon::ir::Autocast $cppClass::getAutocast() { return ::tenon::ir::Autocast::" # autocast # "; }\n"
    "::llvm::SmallVector<::tenon::ir::Sample> $cppClass::getSamples() {\n  return {\n" #
    !foldl("", samples, acc, s, acc # "    {R\"sample(" # s # ")sample\", " # low # ", " # high # ", " # lowInteger # ", " # highInteger # "},\n") # "  };\n}\n";
  code vjpDefinition = "::llvm::SmallVector<::tenon::ir::Expr> $cppClass::vjp([[maybe_unused]] ::mlir::ImplicitLocOpBuilder &builder, "
    "[[maybe_unused]] ::llvm::ArrayRef<::tenon::ir::Expr> cotangents) {\n" #
    !if(!eq(vjp, NoVjp), "  return ::llvm::SmallVector<::tenon::ir::Expr>((*this)->getNumOperands());\n",
      BindOperands<inputs, "Expr", "(*this)->getOperands()">.code_ # BindResults<results>.code_ # "  " # where # "\n  return {" # vjp # "};\n") # "}\n";
}
#endif
