// The scratch memory of a compiled step.
#pragma once
#include "runtime/tenon.h"
#include <tenon/tenon.h>

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

template <class Step> int64_t arena_bytes(const Step &step) {
  auto path = (std::filesystem::temp_directory_path() / ("tenon_arena_" + std::to_string(getpid()) + ".so")).string();
  tenon::save_artifact(path, {{"step", step}});
  tenon_model *model = nullptr;
  tenon_function_info info{};
  EXPECT_EQ(tenon_model_load(path.c_str(), &model), TENON_OK) << tenon_last_error();
  EXPECT_EQ(tenon_function_describe(model, 0, &info), TENON_OK) << tenon_last_error();
  tenon_model_free(model);
  std::filesystem::remove(path);
  return info.arena_bytes;
}
