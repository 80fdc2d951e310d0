// A model's weights as named tensors, and its graph as a function per signature, replayed into the trace.
#include "frontend/onnx/load.h"
#include "compiler/onnx/import/import.h"
#include "frontend/onnx/replay.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cstring>
#include <map>

namespace tenon::onnx {
using namespace detail;
namespace prim = ir::prim;

namespace {

/// What a function takes and gives, beside the graph's own inputs and outputs.
struct Imported {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  std::vector<size_t> inputs;     // of the graph
  std::vector<unsigned> weights;  // arguments behind them
  std::vector<int64_t> draws;     // then two arguments for each: seed, counter
  std::vector<unsigned> assigned; // results behind the outputs
};

/// Weights and draws become arguments, statistics results.
struct Traced : Environment {
  Imported &to;
  mlir::Block &block;
  bool live;
  std::vector<std::pair<mlir::Value, unsigned>> weights;
  std::vector<std::pair<mlir::Value, mlir::Value>> draws;
  std::vector<mlir::Value> values;
  Traced(Imported &to, mlir::Block &block, bool live) : to(to), block(block), live(live) {}
  mlir::Value weight(mlir::ImplicitLocOpBuilder &b, const Weight &w, unsigned index) override {
    weights.push_back({block.addArgument(w.type, b.getLoc()), index});
    return weights.back().first;
  }
  bool training() override { return live; }
  void assign(mlir::ImplicitLocOpBuilder &, unsigned weight, mlir::Value value) override {
    to.assigned.push_back(weight);
    values.push_back(value);
  }
  std::pair<mlir::Value, mlir::Value> draw(mlir::ImplicitLocOpBuilder &b, int64_t n) override {
    auto type = mlir::RankedTensorType::get({}, b.getI64Type());
    to.draws.push_back(n);
    draws.push_back({block.addArgument(type, b.getLoc()), block.addArgument(type, b.getLoc())});
    return draws.back();
  }
};

/// Arguments in the order of `Imported`: they were added in the order of their first use.
void arrange(Imported &to, mlir::Block &block, const Traced &from) {
  unsigned old = block.getNumArguments();
  auto move = [&](mlir::Value v) { v.replaceAllUsesWith(block.addArgument(v.getType(), v.getLoc())); };
  for (size_t i = 0; i < to.inputs.size(); ++i)
    move(block.getArgument(unsigned(i)));
  for (auto &[v, index] : from.weights) {
    to.weights.push_back(index);
    move(v);
  }
  for (auto &[seed, counter] : from.draws) {
    move(seed);
    move(counter);
  }
  block.eraseArguments(0, old);
}
} // namespace

struct ModuleImpl::Content {
  std::string path;
  std::unique_ptr<onnx::Model> model;
  std::vector<Tensor> weights;
  std::map<std::string, Imported> functions;

  const Imported &function(const TensorList &inputs, bool training, Location loc);
};

ModuleImpl::~ModuleImpl() = default;

ModuleImpl::ModuleImpl(const std::string &path, Location loc) : nn::Module("Module"), content_(std::make_unique<Content>()) {
  Lock lock;
  auto model = onnx::Model::load(path, record::context());
  if (!model)
    throw Error("onnx::load: " + llvm::toString(model.takeError()), loc);
  content_->path = path;
  content_->model = std::move(*model);
  for (auto [index, w] : llvm::enumerate(content_->model->weights())) {
    Tensor t = empty({w.type.getShape().data(), w.type.getShape().size()}, dtype_of_type(w.type.getElementType()), loc);
    if (t.nbytes())
      content_->model->read(unsigned(index), tenon::detail::host_numbers("onnx::load", t, tenon::detail::Use::Change, loc));
    // "features.0.weight" is `weight` of a module "0" in a module "features".
    nn::Module *at = this;
    std::string name = w.name;
    int levels = 0; // a file is not trusted: modules walk those inside of them by recursion
    for (size_t dot; levels < 64 && (dot = name.find('.')) != std::string::npos && dot > 0 && dot + 1 < name.size(); ++levels) {
      std::string child = name.substr(0, dot);
      auto children = at->named_children();
      auto *found = children.find(child);
      if (!found && (at->named_parameters(false).contains(child) || at->named_buffers(false).contains(child)))
        break; // a tensor has that name
      at = (found ? *found : at->register_module(child, std::make_shared<nn::Module>(child), loc)).get();
      name = name.substr(dot + 1);
    }
    std::replace(name.begin(), name.end(), '.', '_');
    while (name.empty() || at->named_children().contains(name) || at->named_parameters(false).contains(name) || at->named_buffers(false).contains(name))
      name += "_";
    content_->weights.push_back(w.parameter ? at->register_parameter(name, t, true, loc) : at->register_buffer(name, t, loc));
  }
  content_->model->release();
}

const Imported &ModuleImpl::Content::function(const TensorList &inputs, bool training, Location loc) {
  auto &context = record::context();
  std::vector<Given> given(inputs.size());
  std::string key = training ? "train" : "eval";
  for (auto &t : inputs)
    key += " " + record::text(t);
  for (;;) {
    if (auto found = functions.find(key); found != functions.end())
      return found->second;
    Imported to;
    to.module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    auto outer = mlir::OpBuilder::atBlockEnd(to.module->getBody());
    to.function = mlir::func::FuncOp::create(outer, mlir::UnknownLoc::get(&context), "forward", mlir::FunctionType::get(&context, {}, {}));
    auto *block = to.function.addEntryBlock();
    auto b = mlir::ImplicitLocOpBuilder::atBlockEnd(mlir::UnknownLoc::get(&context), block);
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!given[i].known) {
        given[i].value = block->addArgument(record::type_of(inputs[i]), b.getLoc());
        to.inputs.push_back(i);
      }
    Traced environment(to, *block, training);
    auto results = model->import(b, given, environment);
    if (!results) {
      std::string said = llvm::toString(results.takeError());
      int wanted = model->wanted();
      if (wanted < 0 || given[size_t(wanted)].known)
        throw Error("onnx: " + said, loc);
      // Its numbers decide shapes: they are read, and part of what the function is known by.
      const Tensor &t = inputs[size_t(wanted)];
      auto known = ir::Literal::zeros(record::type_of(t));
      if (t.nbytes())
        std::memcpy(known.data.data(), tenon::detail::host_numbers("onnx", t, tenon::detail::Use::Read, loc), t.nbytes());
      key += " " + std::to_string(wanted) + "=" + std::string(known.data.begin(), known.data.end());
      given[size_t(wanted)] = {mlir::Value(), std::move(known)};
      continue;
    }
    for (auto v : environment.values)
      results->push_back(v);
    b.setLoc(mlir::UnknownLoc::get(&context));
    auto end = mlir::func::ReturnOp::create(b, *results);
    arrange(to, *block, environment);
    to.function.setFunctionType(mlir::FunctionType::get(&context, block->getArgumentTypes(), end.getOperandTypes()));
    return functions.try_emplace(key, std::move(to)).first->second;
  }
}

TensorList ModuleImpl::forward(const TensorList &inputs, Location loc) {
  Lock lock;
  auto ports = content_->model->inputs();
  if (inputs.size() != ports.size())
    throw Error("onnx: " + content_->path + " takes " + std::to_string(ports.size()) + " inputs, got " + std::to_string(inputs.size()), loc);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].defined())
      throw Error("onnx: input '" + ports[i].name + "' is an undefined tensor", loc);
  const Imported &f = content_->function(inputs, is_training(), loc);
  TensorList arguments;
  for (size_t i : f.inputs)
    arguments.push_back(inputs[i]);
  for (unsigned w : f.weights)
    arguments.push_back(content_->weights[w]);
  for (int64_t n : f.draws) {
    auto draw = record::draw(n, loc);
    arguments.push_back(draw.seed);
    arguments.push_back(draw.counter);
  }
  auto results = replay(f.function, arguments, loc);
  size_t outputs = results.size() - f.assigned.size();
  for (size_t i = 0; i < f.assigned.size(); ++i) {
    NoGradGuard no_grad;
    record::assign("onnx", content_->weights[f.assigned[i]], results[outputs + i].detach(), loc);
  }
  results.resize(outputs);
  return results;
}
Tensor ModuleImpl::forward(const Tensor &x, Location loc) {
  auto results = forward(TensorList{x}, loc);
  if (results.size() != 1)
    throw Error("onnx: " + content_->path + " has " + std::to_string(results.size()) + " outputs: call forward with a list", loc);
  return results[0];
}
Tensor ModuleImpl::forward(const Tensor &x, const Tensor &y, Location loc) {
  auto results = forward(TensorList{x, y}, loc);
  if (results.size() != 1)
    throw Error("onnx: " + content_->path + " has " + std::to_string(results.size()) + " outputs: call forward with a list", loc);
  return results[0];
}

static std::vector<std::string> names(llvm::ArrayRef<Port> ports) {
  std::vector<std::string> result;
  for (auto &p : ports)
    result.push_back(p.name);
  return result;
}
std::vector<std::string> ModuleImpl::input_names() const { return names(content_->model->inputs()); }
std::vector<std::string> ModuleImpl::output_names() const { return names(content_->model->outputs()); }
std::string ModuleImpl::graph() const { return content_->model->print(); }

Module load(const std::string &path, Location loc) { return Module(std::make_shared<ModuleImpl>(path, loc)); }

} // namespace tenon::onnx
