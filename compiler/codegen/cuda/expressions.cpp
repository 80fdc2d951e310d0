// Operations as templates: $0, $1 are the operands, T is the result's type, and F the suffix of functions of floats ("f" in expf).
#include "compiler/codegen/cuda/expressions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
namespace tenon::compiler::cuda {

std::string typeName(Type type, bool wide) {
  if (type.isF32()) return "float";
  if (type.isF64()) return "double";
  if (type.isBF16()) return "bf16";
  if (type.isF16()) return "f16";
  if (type.isInteger(1)) return "bool";
  if (type.isInteger(8)) return "unsigned char";
  if (type.isInteger(32)) return "int";
  if (type.isInteger(64) || (type.isIndex() && wide)) return "long long";
  return type.isIndex() ? "int" : "";
}

std::string literal(Attribute value, bool wide) {
  if (auto i = dyn_cast<IntegerAttr>(value)) {
    if (i.getType().isInteger(1)) return i.getValue().isZero() ? "false" : "true";
    int64_t n = i.getValue().getSExtValue();
    if (i.getType().isInteger(64) || (i.getType().isIndex() && wide)) return n == INT64_MIN ? "(-9223372036854775807ll - 1)" : std::to_string(n) + "ll";
    return n == INT32_MIN ? "(-2147483647 - 1)" : std::to_string(n);
  }
  auto f = dyn_cast<FloatAttr>(value);
  if (!f) return "";
  APFloat v = f.getValue();
  uint64_t bits = v.bitcastToAPInt().getZExtValue();
  Type type = f.getType();
  if (type.isBF16() || type.isF16()) return typeName(type, wide) + "{" + std::to_string(bits) + "}";
  if (!v.isFinite()) return (type.isF32() ? "__int_as_float(0x" : "__longlong_as_double(0x") + llvm::utohexstr(bits) + (type.isF32() ? ")" : "ll)");
  SmallString<32> text;
  v.toString(text, /*precision: as many as it needs*/ 0, /*maxPadding=*/6);
  if (!StringRef(text).contains_insensitive("e") && !StringRef(text).contains(".")) text += ".0";
  return (text + (type.isF32() ? "f" : "")).str();
}

static const char *comparison(arith::CmpFPredicate p) {
  using P = arith::CmpFPredicate;
  switch (p) {
  case P::AlwaysFalse: return "false";
  case P::OEQ: return "$0 == $1";
  case P::OGT: return "$0 > $1";
  case P::OGE: return "$0 >= $1";
  case P::OLT: return "$0 < $1";
  case P::OLE: return "$0 <= $1";
  case P::ONE: return "$0 < $1 || $0 > $1";
  case P::ORD: return "$0 == $0 && $1 == $1";
  case P::UEQ: return "!($0 < $1 || $0 > $1)";
  case P::UGT: return "!($0 <= $1)";
  case P::UGE: return "!($0 < $1)";
  case P::ULT: return "!($0 >= $1)";
  case P::ULE: return "!($0 > $1)";
  case P::UNE: return "$0 != $1";
  case P::UNO: return "$0 != $0 || $1 != $1";
  case P::AlwaysTrue: return "true";
  }
  return "";
}

static const char *comparison(arith::CmpIPredicate p) {
  using P = arith::CmpIPredicate;
  switch (p) {
  case P::eq: return "$0 == $1";
  case P::ne: return "$0 != $1";
  case P::slt: return "$0 < $1";
  case P::sle: return "$0 <= $1";
  case P::sgt: return "$0 > $1";
  case P::sge: return "$0 >= $1";
  case P::ult: return "bits($0) < bits($1)";
  case P::ule: return "bits($0) <= bits($1)";
  case P::ugt: return "bits($0) > bits($1)";
  case P::uge: return "bits($0) >= bits($1)";
  }
  return "";
}

static std::string pattern(Operation *op, bool wide) {
  static const llvm::StringMap<const char *> patterns{
      {"arith.addf", "$0 + $1"}, {"arith.subf", "$0 - $1"}, {"arith.mulf", "$0 * $1"}, {"arith.divf", "$0 / $1"}, {"arith.negf", "-$0"}, {"arith.remf", "fmodF($0, $1)"},
      {"arith.maximumf", "maximum($0, $1)"}, {"arith.minimumf", "minimum($0, $1)"}, {"arith.maxnumf", "fmaxF($0, $1)"}, {"arith.minnumf", "fminF($0, $1)"},
      {"arith.maxsi", "larger($0, $1)"}, {"arith.minsi", "smaller($0, $1)"}, {"arith.maxui", "(T)larger(bits($0), bits($1))"}, {"arith.minui", "(T)smaller(bits($0), bits($1))"},
      {"arith.divsi", "$0 / $1"}, {"arith.remsi", "$0 % $1"}, {"arith.divui", "(T)(bits($0) / bits($1))"}, {"arith.remui", "(T)(bits($0) % bits($1))"},
      {"arith.floordivsi", "floor_divide($0, $1)"}, {"arith.ceildivsi", "-floor_divide(-$0, $1)"},
      {"arith.andi", "$0 & $1"}, {"arith.ori", "$0 | $1"}, {"arith.xori", "$0 ^ $1"}, {"arith.shli", "(T)(bits($0) << $1)"}, {"arith.shrsi", "$0 >> $1"}, {"arith.shrui", "(T)(bits($0) >> $1)"},
      {"arith.select", "$0 ? $1 : $2"}, {"arith.index_cast", "(T)$0"}, {"arith.index_castui", "(T)bits($0)"}, {"arith.sitofp", "(T)$0"}, {"arith.uitofp", "(T)bits($0)"},
      {"arith.fptosi", "(T)$0"}, {"arith.fptoui", "(T)$0"}, {"arith.extsi", "(T)$0"}, {"arith.extui", "(T)bits($0)"},
      {"math.exp", "expF($0)"}, {"math.expm1", "expm1F($0)"}, {"math.exp2", "exp2F($0)"}, {"math.log", "logF($0)"}, {"math.log1p", "log1pF($0)"}, {"math.log2", "log2F($0)"},
      {"math.sqrt", "sqrtF($0)"}, {"math.rsqrt", "rsqrtF($0)"}, {"math.sin", "sinF($0)"}, {"math.cos", "cosF($0)"}, {"math.tan", "tanF($0)"}, {"math.tanh", "tanhF($0)"},
      {"math.atan2", "atan2F($0, $1)"}, {"math.erf", "erfF($0)"}, {"math.erfc", "erfcF($0)"}, {"math.powf", "powF($0, $1)"}, {"math.fma", "fmaF($0, $1, $2)"},
      {"math.floor", "floorF($0)"}, {"math.ceil", "ceilF($0)"}, {"math.trunc", "truncF($0)"}, {"math.roundeven", "rintF($0)"}, {"math.round", "roundF($0)"},
      {"math.absf", "fabsF($0)"}, {"math.absi", "$0 < 0 ? (T)(0 - bits($0)) : $0"}, {"math.copysign", "copysignF($0, $1)"}, {"gpu.thread_id", "(T)threadIdx.x"}, {"gpu.block_id", "(T)blockIdx.x"}};
  if (auto c = dyn_cast<arith::CmpFOp>(op)) return comparison(c.getPredicate());
  if (auto c = dyn_cast<arith::CmpIOp>(op)) return comparison(c.getPredicate());
  bool index = op->getNumResults() == 1 && op->getResult(0).getType().isIndex();
  if (isa<arith::ExtSIOp, arith::SIToFPOp, arith::AddIOp, arith::SubIOp>(op) && op->getOperand(0).getType().isInteger(1)) return ""; // a bool has no sign and does not wrap: an error, no wrong number
  if (isa<arith::AddIOp>(op)) return index ? "$0 + $1" : "(T)(bits($0) + bits($1))"; // integers wrap, indices do not come so far
  if (isa<arith::SubIOp>(op)) return index ? "$0 - $1" : "(T)(bits($0) - bits($1))";
  if (isa<arith::MulIOp>(op)) return index ? "$0 * $1" : "(T)(bits($0) * bits($1))";
  if (isa<arith::TruncIOp>(op)) return op->getResult(0).getType().isInteger(1) ? "($0 & 1) != 0" : "(T)$0";
  if (isa<arith::ExtFOp>(op)) return op->getOperand(0).getType().isF32() ? "(T)$0" : "(T)single($0)";
  if (isa<arith::TruncFOp>(op)) return op->getResult(0).getType().isF32() ? "(T)$0" : "round_to_T($0)";
  if (isa<arith::IndexCastOp>(op) && index && !wide && op->getOperand(0).getType().isInteger(64)) return "narrow($0)";
  auto half = [](Type t) { return t.isBF16() || t.isF16(); };
  if (isa<arith::SIToFPOp>(op) && half(op->getResult(0).getType())) return "round_to_T((float)$0)";
  if (isa<arith::UIToFPOp>(op) && half(op->getResult(0).getType())) return "round_to_T((float)bits($0))";
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op) && half(op->getOperand(0).getType())) return "(T)single($0)";
  if (isa<arith::BitcastOp>(op)) return "bit_cast<T>($0)";
  auto found = patterns.find(op->getName().getStringRef());
  return found == patterns.end() ? "" : found->second;
}

std::string expression(Operation *op, ArrayRef<std::string> operands, bool wide) {
  std::string text = pattern(op, wide), out, type = typeName(op->getResult(0).getType(), wide);
  for (size_t i = 0; i < text.size(); ++i) {
    char previous = i ? text[i - 1] : ' ';
    if (text[i] == '$') {
      const std::string &x = operands[text[++i] - '0'];
      bool number = StringRef(out).ends_with("bits(") && StringRef(x).find_first_not_of("0123456789") == StringRef::npos && i + 1 < text.size() && text[i + 1] == ')';
      if (number) out.resize(out.size() - 5), out += x + "u", ++i;
      else out += x;
    }
    else if (text[i] == 'T' && (previous == '(' || previous == '<' || previous == '_')) out += type;
    else if (text[i] == 'F' && i + 1 < text.size() && text[i + 1] == '(') out += op->getOperand(0).getType().isF32() ? "f" : "";
    else out += text[i];
  }
  return out;
}

} // namespace tenon::compiler::cuda
