// A model: its functions at several sizes as one graph, checked, written with its weights.
#include "compiler/onnx/export.h"
#include "compiler/onnx/check.h"
#include "compiler/onnx/fold_batch_norm.h"
#include "compiler/onnx/generalize.h"
#include "compiler/onnx/simplify.h"
#include "compiler/onnx/tidy.h"
#include "compiler/onnx/write.h"

using namespace mlir;
namespace tenon::compiler {

/// The functions of one name, in order.
static llvm::Expected<SmallVector<func::FuncOp>> functionsOf(ModuleOp module, const std::string &wanted) {
  SmallVector<func::FuncOp> functions;
  std::string name = wanted;
  for (auto f : module.getOps<func::FuncOp>()) {
    auto given = f->getAttrOfType<StringAttr>("tenon.function");
    std::string own = given ? given.str() : f.getName().str();
    if (name.empty())
      name = own;
    if (own == name)
      functions.push_back(f);
    else if (wanted.empty())
      return llvm::createStringError("onnx: the module has the functions '" + name + "' and '" + own + "'; say which one leaves");
  }
  if (functions.empty())
    return llvm::createStringError("onnx: the module has no function" + (name.empty() ? "" : " '" + name + "'"));
  return functions;
}

/// The function's graphs, the first of which is good for all sizes. Where attributes move with a size, once more: without them.
static llvm::Expected<std::vector<onnx::Graph>> graphOf(ArrayRef<func::FuncOp> functions, const OnnxOptions &options, const onnx::Moving &known = {}) {
  std::vector<onnx::Graph> graphs;
  for (func::FuncOp f : functions) {
    func::FuncOp copy = f.clone(); // composites are decomposed in place
    f->getParentOfType<ModuleOp>().push_back(copy);
    auto graph = onnx::writeGraph(copy, options.opset, known);
    copy.erase();
    if (!graph)
      return graph.takeError();
    graphs.push_back(std::move(*graph));
  }
  onnx::Moving moving;
  auto error = onnx::generalize(graphs, options.axes, moving);
  if (!error)
    return std::move(graphs);
  if (!known.empty() || moving.empty())
    return error;
  if (auto again = graphOf(functions, options, moving)) {
    llvm::consumeError(std::move(error));
    return again;
  } else {
    llvm::consumeError(again.takeError()); // the first reason is the better one
  }
  return error;
}

/// With every weight as an input: what the checker needs to know of them.
static ::onnx::ModelProto withoutWeights(const ::onnx::ModelProto &model, const onnx::Graph &graph) {
  ::onnx::ModelProto copy = model;
  for (auto &weight : graph.weights)
    if (!graph.inputs.count(weight.name))
      onnx::describe(*copy.mutable_graph()->add_input(), weight.name, weight.type);
  return copy;
}

llvm::Error exportOnnx(ModuleOp module, const OnnxOptions &options, StringRef path) {
  if (options.opset < 13 || options.opset > 17)
    return llvm::createStringError("onnx: expected an opset from 13 to 17, got " + std::to_string(options.opset));
  auto functions = functionsOf(module, options.function);
  if (!functions)
    return functions.takeError();
  for (func::FuncOp f : *functions)
    onnx::simplify(f);
  auto graphs = graphOf(*functions, options);
  if (!graphs)
    return graphs.takeError();
  if (options.fold_batch_norm)
    onnx::foldBatchNorm((*graphs)[0]);
  onnx::tidy((*graphs)[0]);
  ::onnx::ModelProto model;
  static constexpr int versions[] = {7, 7, 8, 8, 8}; // of the format, by opset from 13 on
  model.set_ir_version(versions[options.opset - 13]);
  auto &opset = *model.add_opset_import();
  opset.set_domain(""), opset.set_version(options.opset);
  model.set_producer_name("tenon"), model.set_producer_version("0.1.0");
  model.set_model_version(options.model_version), model.set_doc_string(options.doc);
  model.mutable_graph()->Swap(&(*graphs)[0].proto);
  model.mutable_graph()->set_name(options.model_name.empty() ? functions->front().getName().str() : options.model_name);
  if (auto error = onnx::checkModel(withoutWeights(model, (*graphs)[0])))
    return error;
  return onnx::writeModel(model, (*graphs)[0].weights, options.external_bytes, path);
}

} // namespace tenon::compiler
