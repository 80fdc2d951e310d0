#include "onnx.h"
#include "compiler/onnx/import/import.h"
#include "llvm/ADT/StringExtras.h"
#include <map>
#include <set>

using namespace mlir;
using tenon::ir::Literal;

/// "a=b" pairs.
static llvm::Expected<std::map<std::string, std::string>> pairs(const std::vector<std::string> &all, const char *option) {
  std::map<std::string, std::string> result;
  for (const std::string &s : all) {
    auto at = s.rfind('=');
    if (at == std::string::npos || at == 0)
      return llvm::createStringError(std::string("--") + option + " " + s + ": expected name=number");
    result[s.substr(0, at)] = s.substr(at + 1);
  }
  return result;
}

llvm::Expected<OwningOpRef<ModuleOp>> importOnnx(const tenon::onnx::Model &model, const std::string &path, const std::vector<std::string> &dimOptions,
                                                     const std::vector<std::string> &valueOptions, MLIRContext &context) {
  auto dims = pairs(dimOptions, "dim"), values = pairs(valueOptions, "value");
  if (!dims)
    return dims.takeError();
  if (!values)
    return values.takeError();
  std::set<std::string> used;
  std::vector<tenon::onnx::Input> inputs;
  for (const auto &port : model.inputs()) {
    if (!port.element)
      return llvm::createStringError(path + ": input '" + port.name + "' is " + port.elementName + ", which has no form in Tenon");
    SmallVector<int64_t> shape = port.shape.value_or(SmallVector<int64_t>());
    for (size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] >= 0)
        continue;
      std::string place = port.name + "." + std::to_string(d), name = dims->contains(place) ? place : port.symbols[d];
      auto found = dims->find(name);
      if (found == dims->end() || name.empty())
        return llvm::createStringError(path + ": dimension " + std::to_string(d) + " of input '" + port.name + "' is open: say --dim " + (port.symbols[d].empty() ? place : port.symbols[d]) + "=NUMBER");
      if (llvm::StringRef(found->second).getAsInteger(10, shape[d]) || shape[d] < 0)
        return llvm::createStringError("--dim " + name + "=" + found->second + ": expected a number that is not negative");
      used.insert(name);
    }
    tenon::onnx::Input input{RankedTensorType::get(shape, port.element), std::nullopt};
    if (auto given = values->find(port.name); given != values->end()) {
      SmallVector<llvm::StringRef> parts;
      llvm::StringRef(given->second).split(parts, ',');
      if (!port.shape)
        input.type = RankedTensorType::get({int64_t(parts.size())}, port.element);
      Literal l = Literal::zeros(input.type);
      if (int64_t(parts.size()) != input.type.getNumElements())
        return llvm::createStringError("--value " + port.name + ": expected " + std::to_string(input.type.getNumElements()) + " numbers, got " + std::to_string(parts.size()));
      for (auto [i, p] : llvm::enumerate(parts)) {
        double v;
        if (p.getAsDouble(v))
          return llvm::createStringError("--value " + port.name + ": '" + p.str() + "' is no number");
        if (isa<FloatType>(port.element)) l.set(i, {.real = v});
        else l.set(i, {.integer = int64_t(v)});
      }
      input.known = l;
      used.insert("value " + port.name);
    } else if (!port.shape) {
      return llvm::createStringError(path + ": the file does not say the shape of input '" + port.name + "'");
    }
    inputs.push_back(std::move(input));
  }
  for (auto &[name, number] : *dims)
    if (!used.contains(name))
      return llvm::createStringError("--dim " + name + ": no input has an open dimension of that name");
  for (auto &[name, elements] : *values)
    if (!used.contains("value " + name))
      return llvm::createStringError("--value " + name + ": the file has no input of that name");
  auto module = tenon::onnx::importModule(model, inputs, context);
  if (!module && model.wanted() >= 0)
    return llvm::createStringError(llvm::toString(module.takeError()) + " (say --value " + model.inputs()[model.wanted()].name + "=NUMBERS)");
  return module;
}
