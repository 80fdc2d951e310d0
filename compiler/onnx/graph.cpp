// Ops write themselves by their entries' forms; this gives values their names and keeps the nodes.
#include "compiler/onnx/graph.h"
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/onnx/lines.h"

using namespace mlir;
namespace tenon::onnx {

namespace {

class Writer : public ir::OnnxBuilder {
public:
  Writer(func::FuncOp function, int64_t opset, const Moving &moving) : OnnxBuilder(function.getContext(), opset), function(function), moving(moving) {}

  std::string operator()(Value value) override { return value ? names.lookup(value) : std::string(); }

  ir::OnnxNames nodes(StringRef op, ArrayRef<std::string> operands, ArrayRef<ir::OnnxAttribute> attributes, unsigned results) override {
    // A function of ONNX before: a body of it has no shapes in ONNX Runtime, which then refuses it.
    if (opset < 16 && (op == "LessOrEqual" || op == "GreaterOrEqual"))
      return nodes("Or", {node(op.drop_back(strlen("OrEqual")), operands), node("Equal", operands)}, {}, 1);
    ::onnx::NodeProto &node = *graph->add_node();
    node.set_op_type(op.str());
    node.set_name(unique(op.str()));
    node.set_doc_string(line);
    result.places[node.name()] = place;
    size_t count = operands.size();
    while (count && operands[count - 1].empty())
      --count; // optional ones at the end
    for (const std::string &v : operands.take_front(count))
      node.add_input(v);
    for (const ir::OnnxAttribute &a : attributes)
      add(*node.add_attribute(), a);
    if (op == "Reshape" && empty.count(operands[1])) // else 0 says "as before"
      add(*node.add_attribute(), {"allowzero", int64_t(1)});
    ir::OnnxNames made;
    for (unsigned i = 0; i < results; ++i) {
      made.push_back(unique(op.lower()));
      node.add_output(made.back());
    }
    return made;
  }

  std::string constant(ElementsAttr value) override {
    auto type = mlir::cast<RankedTensorType>(value.getShapedType());
    if (type.getElementType().isIndex()) { // an operand of shapes, not a tensor of the function
      SmallVector<int64_t> numbers;
      llvm::append_range(numbers, mlir::cast<DenseElementsAttr>(value).getValues<int64_t>());
      type = type.clone(IntegerType::get(context, 64));
      return small(type, DenseElementsAttr::get(type, ArrayRef<int64_t>(numbers)));
    }
    if (auto dense = dyn_cast<DenseElementsAttr>(value); dense && dense.isSplat() && type.getRank()) {
      auto scalar = RankedTensorType::get({}, type.getElementType());
      std::string one = small(scalar, DenseElementsAttr::get(scalar, dense.getSplatValue<Attribute>()));
      return expand(one, type.getShape());
    }
    return small(type, value);
  }
  std::string draw(RankedTensorType type) override {
    if (depth)
      return refuse("random numbers are drawn in a loop or a branch; draw them outside and pass them in"), "";
    std::string name = unique("draw");
    describe(*result.proto.add_input(), name, type);
    return name;
  }

  std::string read(StringRef state) override {
    auto op = ir::prim::StateOp::resolve(function, FlatSymbolRefAttr::get(context, state));
    auto [place, fresh] = states.try_emplace(op.getSymName());
    if (fresh) {
      place->second = unique(op.getSymName().str());
      result.weights.push_back({place->second, mlir::cast<RankedTensorType>(op.getType()), dyn_cast_or_null<ElementsAttr>(op.getInitialAttr())});
      stateOf[place->second] = op.getSymName();
    }
    return place->second;
  }
  void write(StringRef state, std::string value) override {
    std::string before = read(state);
    auto name = ir::prim::StateOp::resolve(function, FlatSymbolRefAttr::get(context, state)).getSymName();
    states[name] = value;
    written.insert(name);
  }

  ir::OnnxBody body(ArrayRef<Type> inputs, llvm::function_ref<ir::OnnxNames(ArrayRef<std::string>)> write) override {
    auto inner = std::make_unique<::onnx::GraphProto>();
    auto *outer = std::exchange(graph, inner.get());
    ++depth;
    inner->set_name(unique("body"));
    SmallVector<std::string> arguments;
    for (Type t : inputs) {
      arguments.push_back(unique("argument"));
      describe(*inner->add_input(), arguments.back(), mlir::cast<RankedTensorType>(t));
    }
    for (const std::string &v : write(arguments))
      inner->add_output()->set_name(v);
    --depth;
    graph = outer;
    bodies.push_back(std::move(inner));
    return {static_cast<unsigned>(bodies.size() - 1)};
  }

  ir::OnnxNames block(Block &block, ArrayRef<std::string> arguments) override {
    for (auto [argument, name] : llvm::zip_equal(block.getArguments(), arguments))
      names[argument] = name;
    auto ops = block.without_terminator();
    emitAll(ops.begin(), ops.end());
    ir::OnnxNames yields;
    for (Value v : block.getTerminator()->getOperands())
      yields.push_back((*this)(v));
    return yields;
  }

  bool moves() override {
    for (StringRef at = place; !at.empty(); at = at.rsplit('/').first)
      if (moving.count(at.str()))
        return true;
    return false;
  }
  std::nullopt_t refuse(std::string why) override {
    refusal = std::move(why);
    return std::nullopt;
  }

  llvm::Expected<Graph> run() {
    graph = &result.proto;
    graph->set_name(function.getName().str());
    SmallVector<std::string> arguments;
    for (BlockArgument a : function.getArguments()) {
      auto given = function.getArgAttrOfType<StringAttr>(a.getArgNumber(), "tenon.name");
      arguments.push_back(unique(given ? given.str() : "input" + std::to_string(a.getArgNumber())));
      describe(*graph->add_input(), arguments.back(), mlir::cast<RankedTensorType>(a.getType()));
    }
    // Outputs have their names before anything else can take them.
    SmallVector<std::string> outputs;
    for (unsigned i : llvm::seq(0u, function.getNumResults())) {
      auto given = function.getResultAttrOfType<StringAttr>(i, "tenon.name");
      outputs.push_back(unique(given ? given.str() : "output" + std::to_string(i)));
    }
    ir::OnnxNames values = block(function.getBody().front(), arguments);
    if (!error.empty())
      return llvm::createStringError(error);
    line.clear();
    for (auto [i, value] : llvm::enumerate(values))
      finish(value, outputs[i], mlir::cast<RankedTensorType>(function.getResultTypes()[i]));
    for (Initializer &w : result.weights) // in the order in which they were read
      if (StringRef state = stateOf[w.name]; written.contains(state)) {
        result.inputs.insert(w.name);
        describe(*graph->add_input(), w.name, w.type);
        finish(states[state], unique("new/" + w.name), w.type);
      }
    prune(*graph);
    std::set<std::string> read;
    for (const auto &node : graph->node())
      eachRead(node, [&](const std::string &name) { read.insert(name); });
    std::erase_if(result.weights, [&](const Initializer &w) { return !read.count(w.name) && !result.inputs.count(w.name); });
    // Constants and weights in the order of their first readers.
    std::map<std::string, size_t> place;
    for (const auto &node : graph->node())
      eachRead(node, [&](const std::string &name) { place.try_emplace(name, place.size()); });
    auto *constants = graph->mutable_initializer();
    std::stable_sort(constants->pointer_begin(), constants->pointer_end(), [&](auto *a, auto *b) { return place[a->name()] < place[b->name()]; });
    llvm::stable_sort(result.weights, [&](const Initializer &a, const Initializer &b) { return place[a.name] < place[b.name]; });
    return std::move(result);
  }

private:
  std::string unique(std::string name) {
    unsigned &uses = counts[name];
    std::string made = uses++ ? name + "_" + std::to_string(uses - 1) : name;
    return uses > 1 ? unique(made) : made;
  }
  std::string small(RankedTensorType type, ElementsAttr value) {
    auto &tensor = *result.proto.add_initializer();
    tensor.set_name(unique("number"));
    tensor.set_data_type(elementType(type.getElementType()));
    for (int64_t n : type.getShape())
      tensor.add_dims(n);
    tensor.set_raw_data(bytesOf(type, value));
    if (type.getElementType().isInteger(64) && opset >= 14 && isa<DenseElementsAttr>(value) && llvm::is_contained(mlir::cast<DenseElementsAttr>(value).getValues<int64_t>(), 0))
      empty.insert(tensor.name());
    tensor.set_doc_string(line);
    return tensor.name();
  }
  void add(::onnx::AttributeProto &to, const ir::OnnxAttribute &from) {
    using A = ::onnx::AttributeProto;
    to.set_name(from.name);
    if (auto *n = std::get_if<int64_t>(&from.value)) {
      to.set_type(A::INT), to.set_i(*n);
    } else if (auto *r = std::get_if<double>(&from.value)) {
      to.set_type(A::FLOAT), to.set_f(static_cast<float>(*r));
    } else if (auto *s = std::get_if<std::string>(&from.value)) {
      to.set_type(A::STRING), to.set_s(*s);
    } else if (auto *list = std::get_if<std::vector<int64_t>>(&from.value)) {
      to.set_type(A::INTS), to.mutable_ints()->Add(list->begin(), list->end());
    } else if (auto *type = std::get_if<Type>(&from.value)) {
      to.set_type(A::INT), to.set_i(elementType(*type));
    } else {
      to.set_type(A::GRAPH), to.mutable_g()->Swap(bodies[std::get<ir::OnnxBody>(from.value).number].get());
    }
  }
  /// Makes a value an output of that name.
  void finish(const std::string &value, const std::string &name, RankedTensorType type) {
    ::onnx::NodeProto &node = *graph->add_node();
    node.set_op_type("Identity"), node.set_name(unique("Identity")), node.add_input(value), node.add_output(name);
    describe(*graph->add_output(), name, type);
  }

  /// Ops in a row, each at a place of its own.
  bool emitAll(Block::iterator from, Block::iterator to) {
    std::string outer = place;
    bool good = true;
    for (size_t number = 0; good && from != to; ++from, ++number) {
      place = outer + "/" + std::to_string(number);
      good = emit(&*from);
    }
    place = outer;
    return good;
  }
  bool emit(Operation *op) {
    if (!error.empty())
      return false;
    std::string outer = std::exchange(line, lineOf(op->getLoc()));
    if (line.empty())
      line = outer;
    auto here = line;
    auto form = dyn_cast<ir::OnnxOpInterface>(op);
    refusal.clear();
    bool parts = moves() && isa<ir::DecomposableOpInterface>(op);
    ir::OnnxForm written = form && !parts ? form.writeOnnx(*this) : std::nullopt;
    bool good = error.empty() && refusal.empty();
    if (good && written) {
      for (auto [value, name] : llvm::zip(op->getResults(), *written))
        names[value] = name;
    } else if (auto composite = dyn_cast<ir::DecomposableOpInterface>(op); composite && error.empty()) {
      refusal.clear();
      good = decompose(op, composite);
    } else {
      good = false;
    }
    line = here;
    if (!good && error.empty())
      error = "onnx: " + op->getName().getStringRef().str() + " cannot leave" + (refusal.empty() ? "" : ": " + refusal) + " (opset " + std::to_string(opset) + ")" +
              (line.empty() ? "" : " (" + line + ")");
    line = outer;
    return good;
  }
  bool decompose(Operation *op, ir::DecomposableOpInterface composite) {
    struct Made : OpBuilder::Listener {
      SmallVector<Operation *> ops;
      void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override { ops.push_back(op); }
    } made;
    ImplicitLocOpBuilder b(op->getLoc(), op, &made);
    FailureOr<SmallVector<Value>> values = composite.decompose(b);
    if (failed(values))
      return false;
    Operation *first = op;
    for (Operation *inner : made.ops)
      if (inner->getBlock() == op->getBlock() && inner->isBeforeInBlock(first))
        first = inner;
    if (!emitAll(Block::iterator(first), Block::iterator(op)))
      return false;
    for (auto [result, value] : llvm::zip(op->getResults(), *values))
      names[result] = (*this)(value);
    return true;
  }

  func::FuncOp function;
  const Moving &moving;
  std::string place; // of the op that is written
  Graph result;
  ::onnx::GraphProto *graph = nullptr;
  std::vector<std::unique_ptr<::onnx::GraphProto>> bodies;
  llvm::DenseMap<Value, std::string> names;
  llvm::StringMap<unsigned> counts;
  llvm::StringMap<std::string> states;        // what a state is now
  std::map<std::string, llvm::StringRef> stateOf; // of a weight
  llvm::StringSet<> written;
  std::set<std::string> empty; // shapes with an extent of 0
  std::string line, refusal, error;
  unsigned depth = 0;
};

} // namespace

llvm::Expected<Graph> writeGraph(func::FuncOp function, int64_t opset, const Moving &moving) { return Writer(function, opset, moving).run(); }

} // namespace tenon::onnx
