// Files through the runtime's safetensors reader and writer.
#include "frontend/serialize.h"
#include "runtime/tenon.h"

#include <cstring>

namespace tenon {
namespace {

tenon_type type_of(Dtype dtype) {
  switch (dtype) {
  case kBool:
    return TENON_BOOL;
  case kInt:
    return TENON_INT32;
  case kLong:
    return TENON_INT64;
  case kHalf:
    return TENON_FLOAT16;
  case kBFloat16:
    return TENON_BFLOAT16;
  case kFloat:
    return TENON_FLOAT32;
  case kDouble:
    break;
  }
  return TENON_FLOAT64;
}

Dtype dtype_of_file(const tenon_named_array &array, const std::string &path, Location loc) {
  for (Dtype dtype : {kBool, kInt, kLong, kHalf, kBFloat16, kFloat, kDouble})
    if (type_of(dtype) == array.array.type)
      return dtype;
  throw Error("load: " + path + ": " + array.name + " is " + tenon_type_name(array.array.type) + ", which no tensor can be", loc);
}

void expect_ok(tenon_status status, const char *what, Location loc) {
  if (status != TENON_OK)
    throw Error(std::string(what) + ": " + tenon_last_error(), loc);
}

OrderedDict<std::string, Tensor> numbered(const std::vector<Tensor> &tensors) {
  OrderedDict<std::string, Tensor> named("Tensor");
  for (size_t i = 0; i < tensors.size(); ++i)
    named.insert(std::to_string(i), tensors[i]);
  return named;
}

} // namespace

void save(const OrderedDict<std::string, Tensor> &tensors, const std::string &path, Location loc) {
  std::vector<tenon_named_array> arrays;
  std::vector<Tensor> here;
  for (const auto &item : tensors) {
    const Tensor &t = here.emplace_back(item.value().cpu(loc));
    arrays.push_back({item.key().c_str(), {const_cast<void *>(t.const_data_ptr(loc)), type_of(t.scalar_type()), static_cast<uint32_t>(t.dim()), t.sizes().data()}});
  }
  expect_ok(tenon_file_write(path.c_str(), arrays.data(), arrays.size()), "save", loc);
}

OrderedDict<std::string, Tensor> load_tensors(const std::string &path, Location loc) {
  tenon_file *opened = nullptr;
  expect_ok(tenon_file_read(path.c_str(), &opened), "load", loc);
  std::unique_ptr<tenon_file, void (*)(tenon_file *)> file(opened, tenon_file_free);
  OrderedDict<std::string, Tensor> tensors("Tensor");
  for (size_t i = 0; i < tenon_file_count(file.get()); ++i) {
    const tenon_named_array &entry = *tenon_file_get(file.get(), i);
    Tensor tensor = empty(IntArrayRef(entry.array.shape, entry.array.rank), dtype_of_file(entry, path, loc), loc);
    if (tensor.nbytes())
      std::memcpy(tensor.data_ptr(loc), entry.array.data, tensor.nbytes());
    tensors.insert(entry.name, tensor);
  }
  return tensors;
}

void save(const Tensor &tensor, const std::string &path, Location loc) { save(std::vector<Tensor>{tensor}, path, loc); }
void load(Tensor &tensor, const std::string &path, Location loc) {
  std::vector<Tensor> tensors;
  load(tensors, path, loc);
  if (tensors.size() != 1)
    throw Error("load: " + path + " holds " + std::to_string(tensors.size()) + " tensors, expected 1", loc);
  tensor = tensors[0];
}

void save(const std::vector<Tensor> &tensors, const std::string &path, Location loc) { save(numbered(tensors), path, loc); }
void load(std::vector<Tensor> &tensors, const std::string &path, Location loc) {
  OrderedDict<std::string, Tensor> named = load_tensors(path, loc);
  std::vector<Tensor> result;
  for (size_t i = 0; i < named.size(); ++i) {
    const Tensor *tensor = named.find(std::to_string(i));
    if (!tensor)
      throw Error("load: " + path + " is no list of tensors: it has no tensor named " + std::to_string(i), loc);
    result.push_back(*tensor);
  }
  tensors = std::move(result);
}

void save(const nn::Module &module, const std::string &path, Location loc) { save(module.state_dict(), path, loc); }
void load(nn::Module &module, const std::string &path, Location loc) { module.load_state_dict(load_tensors(path, loc), true, loc); }
void save(const optim::Optimizer &optimizer, const std::string &path, Location loc) { save(optimizer.state_dict(), path, loc); }
void load(optim::Optimizer &optimizer, const std::string &path, Location loc) { optimizer.load_state_dict(load_tensors(path, loc), loc); }

} // namespace tenon
