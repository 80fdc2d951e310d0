// Nodes in order: each is looked up in the table, folded where its operands are known, and checked when made.
#include "compiler/onnx/import/importer.h"
#include "compiler/evaluate/evaluate.h"

using namespace mlir;
namespace tenon::onnx::imports {

static constexpr int64_t mostFolded = int64_t(1) << 22; // elements of an operand
static constexpr int64_t mostComputed = int64_t(1) << 24; // elements that one node's ops make when it is folded
static constexpr int64_t mostNodes = 1 << 18;           // loops are unrolled
static constexpr int64_t mostBegun = 1024;               // elements of shape arithmetic with initialisers

Opsets opsetsOf(const google::protobuf::RepeatedPtrField<pb::OperatorSetIdProto> &imports) {
  Opsets result;
  for (const auto &o : imports)
    result[o.domain() == "ai.onnx" ? "" : o.domain()] = o.version();
  return result;
}

Value Importer::lookup(Scope &scope, const std::string &name) {
  for (Scope *s = &scope; s; s = s->outer)
    if (auto found = s->values.find(name); found != s->values.end()) {
      Value v = found->second;
      if (v.value)
        v.value = visible(scope, v.value);
      return v;
    }
  throw Failure{"it reads '" + name + "', which nothing before it makes (a cycle, a missing input or initialiser, or nodes out of order)"};
}

mlir::Value Importer::visible(Scope &scope, mlir::Value value) {
  if (value.getParentBlock() == scope.block || !scope.around)
    return value;
  mlir::Value outside = visible(*scope.around, value);
  if (!scope.isolated)
    return outside;
  auto at = llvm::find(scope.captured, outside) - scope.captured.begin();
  if (size_t(at) == scope.captured.size()) {
    scope.captured.push_back(outside);
    scope.arguments.push_back(scope.block->addArgument(outside.getType(), outside.getLoc()));
  }
  return scope.arguments[at];
}

mlir::Value Importer::weight(unsigned index) {
  mlir::Value &v = weightValues[index];
  if (!v)
    v = environment.weight(root, weights[index], index);
  return v;
}

void Importer::graph(const pb::GraphProto &graph, Scope &scope, ImplicitLocOpBuilder &b) {
  if (++depth > deepest)
    throw Failure{"graphs and functions lie more than " + std::to_string(deepest) + " deep in each other"};
  if (scope.around) // those of the model are known already
    for (const auto &t : graph.initializer()) {
      Value v;
      v.dtype = t.data_type();
      v.known = std::make_shared<Literal>(literalOf(t, folder, context));
      v.type = v.known->type;
      scope.values[t.name()] = v;
    }
  if (graph.sparse_initializer_size())
    throw Failure{"it has sparse initialisers, which are not supported"};
  for (const auto &n : graph.node())
    node(n, scope, b);
  --depth;
}

std::vector<Value> Importer::body(const pb::GraphProto &graph, Scope &scope, ImplicitLocOpBuilder &b, ArrayRef<Value> arguments) {
  if (size_t(graph.input_size()) != arguments.size())
    throw Failure{"its body '" + graph.name() + "' takes " + std::to_string(graph.input_size()) + " inputs, " + std::to_string(arguments.size()) + " are there"};
  for (auto [i, v] : llvm::enumerate(arguments))
    scope.values[graph.input(i).name()] = v;
  this->graph(graph, scope, b);
  std::vector<Value> results;
  for (const auto &o : graph.output())
    results.push_back(lookup(scope, o.name()));
  return results;
}

/// One of the weights of a node that makes few numbers of these and constants alone: what they begin with can make shapes. -1: it is no such node.
static int beginsWith(const Node &node) {
  auto few = [](const Value &v) { return !v.type || v.type.getNumElements() <= mostBegun; };
  int weight = -1;
  for (const Value &v : node.inputs) {
    if (v.list || (v.type && !v.known) || !few(v))
      return -1;
    weight = std::max(weight, v.weight);
  }
  return llvm::all_of(node.outputs, few) ? weight : -1;
}

void Importer::node(const pb::NodeProto &proto, Scope &scope, ImplicitLocOpBuilder &b) {
  std::string domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  auto told = [&](const std::string &what) {
    std::string name = proto.name().empty() && proto.output_size() ? "of '" + proto.output(0) + "'" : "'" + proto.name() + "'";
    return "node " + name + " (" + (domain.empty() ? "" : domain + ".") + proto.op_type() + "): " + what;
  };
  if (++number > mostNodes)
    throw Failure{told("more than " + std::to_string(mostNodes) + " nodes, loops unrolled, were imported")};
  auto line = FileLineColLoc::get(b.getStringAttr(file), unsigned(number), 0);
  b.setLoc(NameLoc::get(b.getStringAttr(proto.name().empty() ? proto.op_type() : proto.name()), line));
  try {
    auto function = functions.find({proto.domain(), proto.op_type()});
    auto opset = opsets.find(domain);
    Node node(*this, proto, scope, b, opset == opsets.end() ? 0 : opset->second);
    bool constant = true;
    for (const std::string &name : proto.input()) {
      node.inputs.push_back(name.empty() ? Value() : lookup(scope, name));
      constant &= name.empty() || node.inputs.back().isConstant();
      if (constant && node.inputs.back().type)
        constant = node.inputs.back().type.getNumElements() <= mostFolded;
    }
    node.outputs.resize(proto.output_size());
    auto make = [&](const Entry &entry) {
      Operation *last = b.getBlock()->empty() ? nullptr : &b.getBlock()->back();
      Node::Quiet quiet(&context);
      entry.rule(node);
      verify(node, last);
    };
    const Entry *entry = opset == opsets.end() ? nullptr : table().find(domain, proto.op_type(), opset->second);
    if (function != functions.end()) {
      call(*function->second, node);
    } else if (!entry) {
      if (opset == opsets.end())
        throw Failure{"the model imports no opset of its domain '" + domain + "'"};
      throw Failure{"no rule imports this op of opset " + std::to_string(opset->second)};
    } else if (!entry->refusal.empty()) {
      throw Failure{"it is refused: " + entry->refusal};
    } else if (!entry->random && proto.op_type() != "Identity" && llvm::any_of(node.inputs, [](const Value &v) { return v.list != nullptr; })) {
      throw Failure{"a sequence comes where a tensor is expected"};
    } else if (constant && !entry->random && fold(*entry, node)) {
      // What grew with a shape stays an op where it is data, and is known where it decides a shape.
      auto count = [](const Value &v) { return v.type ? v.type.getNumElements() : 0; };
      int64_t given = 0, made = 0;
      bool ops = false;
      for (const Value &v : node.inputs)
        given += count(v), ops |= v.known && v.value;
      for (const Value &v : node.outputs)
        made = std::max(made, count(v));
      if (ops || made > std::max<int64_t>(given, 1)) {
        auto known = std::exchange(node.outputs, std::vector<Value>(node.outputs.size()));
        make(*entry);
        for (auto [v, k] : llvm::zip_equal(node.outputs, known))
          v.known = k.known;
      }
    } else {
      make(*entry);
      if (int weight = entry->random ? -1 : beginsWith(node); weight >= 0) {
        Node first(*this, proto, scope, b, node.version);
        first.inputs = node.inputs;
        for (Value &v : first.inputs)
          v.value = {}, v.weight = -1;
        first.outputs.resize(node.outputs.size());
        if (fold(*entry, first))
          for (auto [v, known] : llvm::zip_equal(node.outputs, first.outputs))
            if (v.value)
              v.known = known.known, v.weight = weight;
      }
    }
    // A result that is not known depends on the inputs that its operands depend on: one is enough to ask for.
    int input = -1;
    for (const Value &v : node.inputs)
      if (!v.isConstant() && v.input >= 0)
        input = v.input;
    for (auto [i, name] : llvm::enumerate(proto.output())) {
      if (name.empty())
        continue;
      node.outputs[i].input = node.outputs[i].known ? -1 : input;
      if (!node.outputs[i].isTensor() && !node.outputs[i].list)
        throw Failure{"its output " + std::to_string(i) + " ('" + name + "') is not supported"};
      if (!scope.values.try_emplace(name, node.outputs[i]).second)
        throw Failure{"it makes '" + name + "', which is there already"};
    }
  } catch (Failure &f) {
    if (f.message.starts_with("node "))
      throw;
    throw Failure{told(f.message), f.wanted};
  }
}

void Importer::verify(Node &node, Operation *last) {
  Block *block = node.b.getBlock();
  Node::Quiet quiet(&context);
  for (auto at = last ? std::next(Block::iterator(last)) : block->begin(); at != block->end(); ++at) {
    for (mlir::Value r : at->getResults())
      elementsOf(mlir::cast<RankedTensorType>(r.getType()).getShape());
    if (failed(at->getName().verifyInvariants(&*at)))
      throw Failure{quiet.said.empty() ? "its operands do not fit together" : quiet.said};
  }
}

bool Importer::fold(const Entry &entry, Node &node) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(node.b.getLoc());
  OpBuilder outer = OpBuilder::atBlockEnd(module->getBody());
  auto function = func::FuncOp::create(outer, node.b.getLoc(), "fold", FunctionType::get(&context, {}, {}));
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(node.b.getLoc(), function.addEntryBlock());
  Node inner(*this, node.proto, node.scope, b, node.version);
  inner.inputs = node.inputs;
  for (Value &v : inner.inputs)
    v.value = {}; // known: an op of its own here
  inner.outputs.resize(node.outputs.size());
  {
    Node::Quiet quiet(&context);
    entry.rule(inner);
    verify(inner, nullptr);
  }
  SmallVector<mlir::Value> computed;
  std::vector<Value *> homes;
  for (Value &v : inner.outputs)
    if (v.value && !v.known) {
      computed.push_back(v.value);
      homes.push_back(&v);
    }
  if (!computed.empty()) {
    int64_t made = 0, kept = 0;
    for (Operation &op : *b.getBlock())
      for (mlir::Value r : op.getResults())
        made += elementsOf(mlir::cast<RankedTensorType>(r.getType()).getShape());
    for (mlir::Value v : computed)
      kept += mlir::cast<RankedTensorType>(v.getType()).getNumElements();
    if (made > mostComputed || kept > computable)
      return false;
    computable -= kept;
    func::ReturnOp::create(b, computed);
    function.setFunctionType(FunctionType::get(&context, {}, ValueRange(computed).getTypes()));
    llvm::StringMap<Literal> state;
    auto results = compiler::evaluate(function, {}, state);
    if (!results)
      throw Failure{llvm::toString(results.takeError())};
    for (auto [home, literal] : llvm::zip_equal(homes, *results))
      home->known = std::make_shared<Literal>(std::move(literal));
  }
  node.outputs = std::move(inner.outputs);
  for (Value &v : node.outputs)
    v.value = {};
  return true;
}

} // namespace tenon::onnx::imports
