// Reading a file: protobuf with limits, then our own checks of what every rule relies on.
#include "compiler/onnx/import/importer.h"
#include "compiler/onnx/import/lean.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Process.h"
#include <sys/mman.h>

using namespace mlir;
namespace tenon::onnx {
using namespace imports;

static constexpr int64_t newestOpset = 25;
static constexpr size_t large = size_t(1) << 16; ///< bytes of elements that are not kept twice

struct Model::Content {
  std::unique_ptr<llvm::MemoryBuffer> bytes; ///< the file: large elements lie there
  std::map<int, StringRef> raw;              ///< by number of the initialiser
  pb::ModelProto proto;
  std::string file, folder;
  MLIRContext *context = nullptr;
  std::vector<Port> inputs, outputs;
  std::vector<Weight> weights;
  std::vector<Elements> elements; ///< of the weights
  llvm::StringMap<Value> initial; ///< initialisers by name
  Functions functions;
  Opsets opsets;
  int wanted = -1;

  void read();
  Port port(const pb::ValueInfoProto &info) const;
  bool isHostOperand(const pb::NodeProto &node, int operand) const;
};

Model::Model() : content(std::make_unique<Content>()) {}
Model::~Model() = default;
ArrayRef<Port> Model::inputs() const { return content->inputs; }
ArrayRef<Port> Model::outputs() const { return content->outputs; }
ArrayRef<Weight> Model::weights() const { return content->weights; }
int Model::wanted() const { return content->wanted; }

void Model::read(unsigned weight, void *to) const {
  const Elements &e = content->elements[weight];
  if (e.bytes.empty())
    return;
  std::memcpy(to, e.bytes.data(), e.bytes.size());
  // Whole pages of a mapped file: read again from there if ever.
  const llvm::MemoryBuffer &file = e.file ? *e.file : *content->bytes;
  if (e.made || file.getBufferKind() != llvm::MemoryBuffer::MemoryBuffer_MMap)
    return;
  auto page = uint64_t(llvm::sys::Process::getPageSizeEstimate()), begin = llvm::alignTo(uint64_t(e.bytes.begin()), page), end = uint64_t(e.bytes.end()) / page * page;
  if (begin < end)
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}
void Model::release() {
  for (Weight &w : content->weights)
    w.data = {};
  content->elements.clear();
  content->raw.clear();
  content->bytes.reset();
}

Port Model::Content::port(const pb::ValueInfoProto &info) const {
  Port p;
  p.name = info.name();
  if (!info.type().has_tensor_type()) {
    p.elementName = info.type().has_sequence_type() ? "a sequence" : info.type().has_optional_type() ? "an optional" : "no tensor";
    return p;
  }
  const auto &t = info.type().tensor_type();
  p.element = storageType(t.elem_type(), *context);
  p.elementName = dtypeName(t.elem_type());
  if (t.has_shape()) {
    p.shape.emplace();
    for (const auto &d : t.shape().dim()) {
      if (d.has_dim_value() && d.dim_value() < 0)
        throw Failure{"input or output '" + p.name + "' has the negative extent " + std::to_string(d.dim_value())};
      p.shape->push_back(d.has_dim_value() ? d.dim_value() : -1);
      p.symbols.push_back(d.dim_param());
    }
  }
  return p;
}

bool Model::Content::isHostOperand(const pb::NodeProto &node, int operand) const {
  std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
  auto opset = opsets.find(domain);
  const Entry *e = opset == opsets.end() ? nullptr : table().find(domain, node.op_type(), opset->second);
  return e && (e->host >> std::min(operand, 31) & 1);
}

/// Uses of names by nodes, bodies included: whether any is more than a number that is read when importing; and as running statistics.
static void uses(const pb::GraphProto &graph, llvm::function_ref<bool(const pb::NodeProto &, int)> host, llvm::StringSet<> &asData, llvm::StringSet<> &asStatistics, int depth = 0) {
  if (depth > 64)
    throw Failure{"graphs lie more than 64 deep in each other"};
  for (const auto &n : graph.node()) {
    for (int i = 0; i < n.input_size(); ++i) {
      if (n.op_type() == "BatchNormalization" && i >= 3)
        asStatistics.insert(n.input(i));
      else if (!host(n, i))
        asData.insert(n.input(i));
    }
    for (const auto &a : n.attribute())
      if (a.has_g())
        uses(a.g(), host, asData, asStatistics, depth + 1);
  }
  for (const auto &o : graph.output())
    asData.insert(o.name());
}

void Model::Content::read() {
  if (!proto.has_graph() || (proto.graph().node_size() == 0 && proto.graph().output_size() == 0))
    throw Failure{"it holds no graph: no ONNX model"};
  opsets = opsetsOf(proto.opset_import());
  if (opsets.empty())
    opsets[""] = 1;
  for (auto &[domain, version] : opsets)
    if (domain.empty() && (version < 1 || version > newestOpset))
      throw Failure{"its opset is " + std::to_string(version) + "; 1 to " + std::to_string(newestOpset) + " are known"};
  for (const auto &f : proto.functions())
    if (!functions.try_emplace({f.domain(), f.name()}, &f).second)
      throw Failure{"function '" + f.domain() + "." + f.name() + "' is there twice"};
  const pb::GraphProto &graph = proto.graph();
  if (graph.sparse_initializer_size())
    throw Failure{"it has sparse initialisers, which are not supported"};

  llvm::StringSet<> asData, asStatistics;
  uses(graph, [&](const pb::NodeProto &n, int i) { return isHostOperand(n, i); }, asData, asStatistics);
  for (auto [number, t] : llvm::enumerate(graph.initializer())) {
    Value v;
    v.dtype = t.data_type();
    auto left = raw.find(int(number));
    Elements e = elementsIn(t, folder, *context, left == raw.end() ? std::nullopt : std::optional(left->second));
    v.type = e.type;
    bool isWeight = isFloat(v.dtype) && (asData.contains(t.name()) || asStatistics.contains(t.name()));
    if (!isWeight || e.bytes.size() < large)
      v.known = e.literal();
    if (isWeight) {
      v.weight = int(weights.size());
      weights.push_back({t.name(), e.type, e.bytes, e.type.getRank() > 0 && !asStatistics.contains(t.name())});
      elements.push_back(std::move(e));
    }
    if (t.name().empty() || !initial.try_emplace(t.name(), v).second)
      throw Failure{"initialiser '" + t.name() + "' is there twice or has no name"};
  }
  llvm::StringSet<> seen;
  for (const auto &i : graph.input()) {
    if (i.name().empty() || !seen.insert(i.name()).second)
      throw Failure{"input '" + i.name() + "' is there twice or has no name"};
    if (!initial.contains(i.name()))
      inputs.push_back(port(i));
  }
  for (const auto &o : graph.output())
    outputs.push_back(port(o));
}

static llvm::Error told(StringRef file, const std::string &what) { return llvm::createStringError((file.empty() ? "" : file.str() + ": ") + what); }

llvm::Expected<std::unique_ptr<Model>> Model::parse(StringRef bytes, StringRef folder, MLIRContext &context) {
  return parse(llvm::MemoryBuffer::getMemBufferCopy(bytes), folder, context);
}

llvm::Expected<std::unique_ptr<Model>> Model::parse(std::unique_ptr<llvm::MemoryBuffer> file, StringRef folder, MLIRContext &context) {
  std::unique_ptr<Model> model(new Model);
  Content &c = *model->content;
  c.context = &context;
  c.folder = folder.str();
  c.bytes = std::move(file);
  StringRef bytes = c.bytes->getBuffer();
  auto lean = withoutLargeElements(bytes);
  if (lean) {
    bytes = lean->model;
    c.raw = std::move(lean->raw);
  }
  if (bytes.size() > INT_MAX)
    return llvm::createStringError("it has 2 GB or more: protobuf ends there, larger models keep their elements as external data");
  google::protobuf::io::ArrayInputStream array(bytes.data(), int(bytes.size()));
  google::protobuf::io::CodedInputStream stream(&array);
  stream.SetRecursionLimit(100);
  google::protobuf::SetLogHandler(nullptr);
  if (!c.proto.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return llvm::createStringError("it is no ONNX model: truncated, damaged, or another kind of file");
  try {
    c.read();
  } catch (Failure &f) {
    return llvm::createStringError(f.message);
  } catch (std::bad_alloc &) {
    return llvm::createStringError("there is not enough memory for it");
  }
  return model;
}

llvm::Expected<std::unique_ptr<Model>> Model::load(StringRef path, MLIRContext &context) {
  llvm::sys::fs::file_status status;
  if (auto code = llvm::sys::fs::status(path, status))
    return told(path, code.message());
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return told(path, "it is no file");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return told(path, buffer.getError().message());
  StringRef folder = llvm::sys::path::parent_path(path);
  auto model = parse(std::move(*buffer), folder.empty() ? "." : folder, context);
  if (!model)
    return told(path, llvm::toString(model.takeError()));
  (*model)->content->file = path.str();
  return model;
}

llvm::Expected<SmallVector<mlir::Value>> Model::import(ImplicitLocOpBuilder &b, ArrayRef<Given> inputs, Environment &environment) const {
  Content &c = *content;
  c.wanted = -1;
  Importer importer(b, environment, c.functions, c.opsets, c.folder, c.file.empty() ? StringRef("model.onnx") : StringRef(c.file));
  importer.weights = c.weights;
  importer.computable += int64_t(c.proto.ByteSizeLong());
  try {
    if (inputs.size() != c.inputs.size())
      throw Failure{"it takes " + std::to_string(c.inputs.size()) + " inputs, got " + std::to_string(inputs.size())};
    Scope scope;
    scope.block = b.getBlock();
    for (auto &entry : c.initial)
      scope.values[entry.first()] = entry.second;
    for (auto [i, given] : llvm::enumerate(inputs)) {
      const Port &port = c.inputs[i];
      if (!port.element)
        throw Failure{"input '" + port.name + "' is " + (port.elementName.empty() ? "no tensor" : port.elementName) + ", which has no form in Tenon"};
      Value v;
      v.input = int(i);
      v.type = given.known ? given.known->type : mlir::cast<RankedTensorType>(given.value.getType());
      for (const auto &info : c.proto.graph().input())
        if (info.name() == port.name)
          v.dtype = info.type().tensor_type().elem_type();
      if (v.type.getElementType() != port.element)
        throw Failure{"input '" + port.name + "' is of " + port.elementName + ", which another element type was given for"};
      elementsOf(v.type.getShape());
      if (port.shape) {
        bool fits = int64_t(port.shape->size()) == v.type.getRank();
        for (auto [declared, got] : llvm::zip(*port.shape, v.type.getShape()))
          fits &= declared < 0 || declared == got;
        if (!fits)
          throw Failure{"input '" + port.name + "' has another shape than the file declares"};
      }
      v.value = given.known ? mlir::Value() : given.value;
      if (given.known)
        v.known = std::make_shared<Literal>(*given.known);
      scope.values[port.name] = v;
    }
    importer.graph(c.proto.graph(), scope, b);
    SmallVector<mlir::Value> results;
    pb::NodeProto last;
    last.set_op_type("outputs");
    Node node(importer, last, scope, b, 0);
    for (const Port &o : c.outputs) {
      Value v = importer.lookup(scope, o.name);
      if (v.list)
        throw Failure{"output '" + o.name + "' is a sequence, which has no form in Tenon"};
      results.push_back(node.value(v).value);
    }
    return results;
  } catch (Failure &f) {
    // Numbers and shapes are asked for; what looks like data never is.
    if (f.wanted >= 0 && inputs[f.wanted].value) {
      auto type = mlir::cast<RankedTensorType>(inputs[f.wanted].value.getType());
      if (type.getNumElements() == 1 || (!isa<FloatType>(type.getElementType()) && type.getNumElements() <= 1024) || (type.getRank() <= 1 && type.getNumElements() <= 64))
        c.wanted = f.wanted;
    }
    return told(c.file, f.message);
  } catch (std::bad_alloc &) {
    return told(c.file, "there is not enough memory for it");
  }
}

std::string Model::print() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const auto &n : content->proto.graph().node()) {
    os << llvm::join(n.output(), ", ") << " = " << (n.domain().empty() ? "" : n.domain() + ".") << n.op_type() << "(" << llvm::join(n.input(), ", ") << ")";
    if (!n.name().empty())
      os << "  # " << n.name();
    os << "\n";
  }
  return text;
}

} // namespace tenon::onnx
