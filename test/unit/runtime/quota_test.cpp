// The CPU quota of control groups, read from a tree of files as the kernel shows them.
#include "runtime/pool.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace {

class Quota : public testing::Test {
protected:
  std::string root = testing::TempDir() + "tenon_quota_" + std::to_string(getpid());
  void TearDown() override { std::filesystem::remove_all(root); }
  void write(const std::string &path, const std::string &text) {
    std::filesystem::path file = root + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  uint32_t cores() { return tenon::rt::quotaCores(root.c_str()); }
};

TEST_F(Quota, NoneWhereNothingSaysSo) {
  EXPECT_EQ(cores(), 0u);
  write("/proc/self/cgroup", "0::/\n");
  EXPECT_EQ(cores(), 0u);
  write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cores(), 0u);
}

TEST_F(Quota, SecondVersionIsRoundedUpAndTheLeastOnTheWayCounts) {
  write("/proc/self/cgroup", "0::/pod/box\n");
  write("/sys/fs/cgroup/pod/box/cpu.max", "350000 100000\n");
  EXPECT_EQ(cores(), 4u);
  write("/sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  EXPECT_EQ(cores(), 2u);
  write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cores(), 1u);
}

TEST_F(Quota, FirstVersionOfTheCpuController) {
  write("/proc/self/cgroup", "5:memory:/box\n4:cpuset:/box\n3:cpu,cpuacct:/box\n");
  write("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cores(), 0u);
  write("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n");
  EXPECT_EQ(cores(), 2u);
}

TEST_F(Quota, NonsenseIsNoQuota) {
  write("/proc/self/cgroup", "x\n::\n1:cpu\n0::" + std::string(600, 'a') + "\n0::/b\n");
  write("/sys/fs/cgroup/b/cpu.max", "0 0\n");
  write("/sys/fs/cgroup/cpu.max", "many\n");
  EXPECT_EQ(cores(), 0u);
}

} // namespace
