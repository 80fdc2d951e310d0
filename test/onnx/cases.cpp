// Models and what they must give, for test/onnx/run.py.
#include "test/onnx/cases.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace mlir;
namespace tenon::test {

static std::string typeName(Type e) {
  return e.isF32() ? "float32" : e.isF64() ? "float64" : e.isF16() ? "float16" : e.isInteger(32) ? "int32" : e.isInteger(64) ? "int64" : e.isInteger(1) ? "bool" : "bfloat16";
}
static void print(std::ostream &out, const NamedLiteral &t) {
  Type e = t.value.type.getElementType();
  out << "{\"name\": \"" << t.name << "\", \"type\": \"" << typeName(e) << "\", \"shape\": [";
  for (auto [i, n] : llvm::enumerate(t.value.type.getShape()))
    out << (i ? ", " : "") << n;
  out << "], \"data\": [";
  for (int64_t i = 0; i < t.value.type.getNumElements(); ++i) {
    compiler::Element v = t.value.get(i);
    out << (i ? ", " : "");
    if (!isa<FloatType>(e))
      out << v.integer;
    else if (std::isfinite(v.real))
      out << v.real;
    else
      out << (std::isnan(v.real) ? "\"nan\"" : v.real > 0 ? "\"inf\"" : "\"-inf\"");
  }
  out << "]}";
}

void writeCase(const std::string &folder, const std::string &name, const std::string &model, const std::vector<NamedLiteral> &inputs, const std::vector<NamedLiteral> &outputs,
               double tolerance) {
  std::ofstream out(folder + "/" + name + ".json");
  out.precision(17);
  out << "{\"model\": \"" << folder << "/" << model << ".onnx\", \"tolerance\": " << tolerance;
  for (auto [key, list] : {std::pair("inputs", &inputs), std::pair("outputs", &outputs)}) {
    out << ", \"" << key << "\": [";
    for (auto &t : *list) {
      if (&t != &list->front())
        out << ", ";
      print(out, t);
    }
    out << "]";
  }
  out << "}\n";
}

void writeTraining(const std::string &folder, const std::string &name, const std::string &model, const std::vector<std::vector<NamedLiteral>> &batches, const std::vector<double> &losses,
                   double tolerance) {
  std::ofstream out(folder + "/" + name + ".json");
  out.precision(17);
  out << "{\"model\": \"" << folder << "/" << model << ".onnx\", \"tolerance\": " << tolerance << ", \"losses\": [";
  for (size_t i = 0; i < losses.size(); ++i)
    out << (i ? ", " : "") << losses[i];
  out << "], \"batches\": [";
  for (size_t b = 0; b < batches.size(); ++b) {
    out << (b ? ", [" : "[");
    for (size_t i = 0; i < batches[b].size(); ++i) {
      out << (i ? ", " : "");
      print(out, batches[b][i]);
    }
    out << "]";
  }
  out << "]}\n";
}

std::vector<std::pair<std::string, std::string>> runCases(const std::string &folder) {
  std::string command = std::string(TENON_ONNX_PYTHON " " TENON_SOURCE_DIR "/test/onnx/run.py ") + folder + " 2>&1";
  std::vector<std::pair<std::string, std::string>> said;
  FILE *pipe = popen(command.c_str(), "r");
  std::string line;
  for (int c; pipe && (c = fgetc(pipe)) != EOF;) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    size_t space = line.find(' ');
    said.push_back({line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1)});
    line.clear();
  }
  if (pipe)
    pclose(pipe);
  return said;
}

std::string emptyFolder(const std::string &name) {
  std::string folder = TENON_BINARY_DIR "/test/onnx/" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

} // namespace tenon::test
