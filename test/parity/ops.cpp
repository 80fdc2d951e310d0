// Outputs, gradients and second derivatives of single ops equal PyTorch's (ops/*.json). A test is a batch of cases, compiled as
// one program. Float64 runs on the reference evaluator as well, and both are compared; float32 is compiled only.
#include "family.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace tenon;

namespace {

double stored(const Json &x) {
  return x.is_string() ? std::stod(x.get<std::string>()) : x.get<double>();
}

constexpr size_t batch = 32; // cases in one program

struct Case {
  std::string family;
  size_t number;
  Json json;
  std::string text() const {
    return family + " " + std::to_string(number) + ": " + json["op"].get<std::string>() + " " + json["inputs"].dump() + " " +
           json["options"].dump();
  }
};

/// Values of one recorded case beside what PyTorch stored.
struct Pending {
  std::string what;
  Tensor value;
  const Json *expected;
};

Dtype dtype_of(const std::string &name, Dtype floating) {
  return name == "float" ? floating : name == "int64" ? kInt64 : name == "int32" ? kInt32 : kBool;
}

Tensor input(const Json &spec, Sequence &sequence, Dtype floating) {
  auto shape = spec["shape"].get<std::vector<int64_t>>();
  std::vector<double> numbers(count(shape));
  std::string dtype = spec.value("dtype", spec.contains("integers") ? "int64" : "float");
  if (spec.contains("scale")) {
    numbers = sequence.numbers(count(shape), spec["scale"]);
    for (double &x : numbers)
      x += spec.value("offset", 0.0);
  } else if (spec.contains("integers")) {
    int64_t low = spec["integers"][0], high = spec["integers"][1];
    for (double &x : numbers)
      x = static_cast<double>(low + static_cast<int64_t>(sequence.next() * static_cast<double>(high - low)));
  } else if (spec.contains("bool")) {
    for (double &x : numbers)
      x = sequence.next() < spec["bool"].get<double>();
  } else {
    numbers.clear();
    for (const Json &x : spec["values"])
      numbers.push_back(stored(x));
  }
  return make(numbers, shape, dtype_of(dtype, floating));
}

/// Writes the ops of a case into the trace; nothing runs.
std::vector<Pending> write(const Case &test, Dtype floating) {
  const Json &json = test.json;
  Sequence sequence{7};
  TensorList inputs, wrt, differentiable;
  for (const Json &spec : json["inputs"]) {
    inputs.push_back(input(spec, sequence, floating));
    if (inputs.back().is_floating_point() && !spec.contains("constant"))
      wrt.push_back(inputs.back().requires_grad_());
  }
  const parity::Ops &ops = parity::families().at(test.family);
  auto op = ops.find(json["op"]);
  if (op == ops.end())
    throw std::runtime_error("ops/" + test.family + ".cpp says nothing of " + json["op"].get<std::string>());
  TensorList outputs = op->second.call(inputs, json["options"]);
  std::vector<Pending> pending;
  auto expect = [&](const char *group, const TensorList &values) {
    if (values.size() != json[group].size())
      throw std::runtime_error(std::string(group) + ": " + std::to_string(values.size()) + ", PyTorch has " +
                               std::to_string(json[group].size()));
    for (size_t i = 0; i < values.size(); ++i)
      pending.push_back({std::string(group) + " " + std::to_string(i), values[i], &json[group][i]});
  };
  if (json.contains("refused"))
    return {{"output", outputs.at(0), nullptr}};
  expect("outputs", outputs);
  if (!json.contains("gradients"))
    return pending;
  Tensor total = zeros({}, floating);
  for (const Tensor &y : outputs)
    if (y.requires_grad())
      total = total + (y * make(sequence, y.sizes().vec(), 1, floating)).sum();
  TensorList gradients = grad(total, wrt, /*create_graph=*/json.contains("second"));
  expect("gradients", gradients);
  if (!json.contains("second"))
    return pending;
  Tensor again = zeros({}, floating);
  for (size_t i = 0; i < wrt.size(); ++i)
    again = again + (gradients[i] * make(sequence, wrt[i].sizes().vec(), 1, floating)).sum();
  expect("second", grad(again, wrt));
  return pending;
}

/// |actual - stored| <= tolerance x the tensor's largest magnitude + 1e-12 (float32: 1e-7); NaN and infinities alike.
std::string difference(const Tensor &actual, const Json &expected, double tolerance) {
  auto shape = expected["shape"].get<std::vector<int64_t>>();
  if (actual.sizes().vec() != shape)
    return "shape " + Json(actual.sizes().vec()).dump() + ", PyTorch's " + Json(shape).dump();
  Dtype floating = is_floating_point(actual.scalar_type()) ? actual.scalar_type() : kFloat64;
  if (actual.scalar_type() != dtype_of(expected.value("dtype", "float"), floating))
    return "dtype " + actual.toString() + ", PyTorch's " + expected.value("dtype", "float");
  size_t n = actual.numel(), samples = expected["values"].size();
  std::vector<double> all(n);
  if (n > 0) {
    Tensor wide = actual.to(kFloat64).contiguous();
    std::copy_n(wide.data_ptr<double>(), n, all.begin());
  }
  double largest = expected.value("largest", 0.0);
  for (const Json &x : expected["values"])
    if (double v = stored(x); std::isfinite(v))
      largest = std::max(largest, std::abs(v));
  double bound = tolerance * largest + (tolerance < 1e-6 ? 1e-12 : 1e-7);
  for (size_t k = 0; k < samples; ++k) {
    size_t at = n <= samples ? k : k * (n - 1) / (samples - 1);
    double a = all[at], e = stored(expected["values"][k]);
    if (!(std::abs(a - e) <= bound) && !(a == e) && !(a != a && e != e))
      return "element " + std::to_string(at) + " is " + Json(a).dump() + ", PyTorch's " + expected["values"][k].dump() + ", largest " +
             Json(largest).dump();
  }
  if (!expected.contains("projections"))
    return "";
  Sequence sequence{11};
  for (const Json &projection : expected["projections"]) {
    double sum = 0, weight = 0;
    for (double x : all) {
      double r = 2 * sequence.next() - 1;
      sum += std::isfinite(x) ? x * r : 0;
      weight += std::abs(r);
    }
    if (!(std::abs(sum - stored(projection)) <= bound * weight))
      return "projection " + Json(sum).dump() + ", PyTorch's " + projection.dump();
  }
  return "";
}

void check(const Case &test, const std::vector<Pending> &pending, double tolerance) {
  for (const Pending &p : pending)
    if (std::string wrong = difference(p.value, *p.expected, tolerance); !wrong.empty())
      ADD_FAILURE() << test.text() << "\n  " << p.what << ": " << wrong;
}

void refuse(const Case &test, Dtype floating) {
  std::string expected = test.json["refused"];
  try {
    for (Pending &p : write(test, floating))
      p.value.to(kFloat64).contiguous().data_ptr<double>();
    ADD_FAILURE() << test.text() << "\n  accepted, expected: " << expected;
  } catch (const Error &error) {
    EXPECT_NE(std::string(error.what()).find(expected), std::string::npos)
        << test.text() << "\n  " << error.what() << "\n  expected: " << expected;
  }
}

struct Batch {
  std::string family;
  Dtype dtype;
  std::vector<Case> cases;
};

class Ops : public testing::TestWithParam<Batch> {};

TEST_P(Ops, EqualPyTorch) {
  const auto &[family, dtype, cases] = GetParam();
  double tolerance = dtype == kFloat64 ? 1e-9 : 1e-4;
  setenv("TENON_VERIFY", dtype == kFloat64 ? "1" : "0", 1);
  std::vector<std::pair<const Case *, std::vector<Pending>>> written;
  for (bool refused : {true, false}) // a step that fails would take the pending ones with it
    for (const Case &test : cases) {
      if (test.json.contains("refused") != refused || (dtype == kFloat32 && test.json.contains("f32")))
        continue;
      try {
        if (refused)
          refuse(test, dtype);
        else
          written.emplace_back(&test, write(test, dtype));
      } catch (const std::exception &error) {
        ADD_FAILURE() << test.text() << "\n  " << error.what();
      }
    }
  try { // all at once: the first number asked for compiles everything that is live
    for (auto &[test, pending] : written)
      check(*test, pending, tolerance);
    return;
  } catch (const std::exception &error) {
    ADD_FAILURE() << family << ": the batch as one program: " << error.what();
  }
  written.clear();
  for (const Case &test : cases) // which of them it was
    try {
      if (!test.json.contains("refused"))
        check(test, write(test, dtype), tolerance);
    } catch (const std::exception &error) {
      ADD_FAILURE() << test.text() << "\n  " << error.what();
    }
}

/// Every ops/*.json; TENON_PARITY=family or family:number picks one.
std::vector<Batch> batches() {
  std::vector<Batch> all;
  std::string only = std::getenv("TENON_PARITY") ? std::getenv("TENON_PARITY") : "";
  for (auto &entry : std::filesystem::directory_iterator(std::string(TENON_SOURCE_DIR) + "/test/parity/ops")) {
    if (entry.path().extension() != ".json")
      continue;
    std::string family = entry.path().stem();
    std::vector<Case> cases;
    for (Json &json : read_cases("ops/" + family + ".json"))
      cases.push_back({family, cases.size(), std::move(json)});
    if (!only.empty())
      std::erase_if(cases, [&](const Case &c) { return only != family && only != family + ":" + std::to_string(c.number); });
    for (Dtype dtype : {kFloat64, kFloat32})
      for (size_t i = 0; i < cases.size(); i += batch)
        all.push_back({family, dtype, {cases.begin() + i, cases.begin() + std::min(cases.size(), i + batch)}});
  }
  std::sort(all.begin(), all.end(), [](const Batch &a, const Batch &b) {
    return std::tuple(a.family, a.dtype == kFloat32, a.cases[0].number) < std::tuple(b.family, b.dtype == kFloat32, b.cases[0].number);
  });
  return all;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Ops, testing::ValuesIn(batches()), [](const auto &info) {
  const Batch &b = info.param;
  return b.family + (b.dtype == kFloat64 ? "_f64_" : "_f32_") + std::to_string(b.cases[0].number);
});

} // namespace
