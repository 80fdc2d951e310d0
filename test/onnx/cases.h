// Models and what they must give, for test/onnx/run.py.
#pragma once
#include "compiler/evaluate/evaluate.h"
#include <string>
#include <vector>

namespace tenon::test {

struct NamedLiteral {
  std::string name;
  compiler::Literal value;
};
/// Writes FOLDER/NAME.json beside the model FOLDER/MODEL.onnx.
void writeCase(const std::string &folder, const std::string &name, const std::string &model, const std::vector<NamedLiteral> &inputs, const std::vector<NamedLiteral> &outputs,
               double tolerance);
/// The same for a training step that ran on these batches in turn and gave these losses.
void writeTraining(const std::string &folder, const std::string &name, const std::string &model, const std::vector<std::vector<NamedLiteral>> &batches, const std::vector<double> &losses,
                   double tolerance);
/// What run.py says of every case, by name.
std::vector<std::pair<std::string, std::string>> runCases(const std::string &folder);
/// An empty folder of that name in the build folder.
std::string emptyFolder(const std::string &name);

} // namespace tenon::test
