// Ops that read images at places that are data, products that meet, draws of classes, graphs over sequences.
#include "test/onnx/edges.h"

namespace tenon::test {

using Places = Edges;

TEST_F(Places, ImagesAtPlacesThatAreData) {
  auto set = [](pb::NodeProto &n, std::initializer_list<std::pair<const char *, int64_t>> numbers) {
    for (auto [name, value] : numbers)
      File::attribute(n, name, value);
  };
  // Regions that leave the image, that are turned around, that are a point.
  const Reals rois{0.3f, 0.2f, 3.1f, 4.4f, -2, -1, 9, 3, 2.5f, 2.5f, 2.5f, 2.5f, 3, 4, 1, 1};
  for (const char *mode : {"avg", "max"})
    for (const char *way : {"half_pixel", "output_half_pixel"}) {
      Closed f(16);
      f.reals("x", {2, 3, 5, 4}, waves(120)).reals("r", {4, 4}, rois).wholes("b", D::INT64, {4}, {1, 0, 1, 0});
      auto &n = f.last("RoiAlign", {"x", "r", "b"});
      set(n, {{"output_height", 2}, {"output_width", 3}, {"sampling_ratio", 2}});
      Closed::numbers(n, "spatial_scale", {0.75f}, false);
      Closed::text(n, "mode", {mode}), Closed::text(n, "coordinate_transformation_mode", {way});
      add(std::string("roi_align_") + mode + "_" + way, f, 1e-5);
    }
  Closed pool(16);
  pool.reals("x", {2, 3, 5, 4}, waves(120)).reals("r", {3, 5}, {1, 0, 1, 3, 3, 0, 1, 1, 2, 1, 1, -3, 2, 9, 6});
  auto &pooled = pool.last("MaxRoiPool", {"x", "r"});
  File::ints(pooled, "pooled_shape", {2, 3});
  Closed::numbers(pooled, "spatial_scale", {0.8f}, false);
  add("max_roi_pool", pool);
  for (bool masked : {false, true}) {
    Closed f(19);
    f.model.set_ir_version(9);
    Reals offsets = waves(2 * 2 * 6 * 2 * 3 * 3), mask = waves(2 * 2 * 6 * 3 * 3);
    for (float &o : offsets)
      o *= 1.7f;
    f.reals("x", {2, 4, 7, 5}, waves(280)).reals("w", {6, 2, 3, 2}, waves(72)).reals("o", {2, 24, 3, 3}, offsets).reals("b", {6}, waves(6)).reals("m", {2, 12, 3, 3}, mask);
    auto &n = masked ? f.last("DeformConv", {"x", "w", "o", "b", "m"}) : f.last("DeformConv", {"x", "w", "o"});
    set(n, {{"group", 2}, {"offset_group", 2}});
    File::ints(n, "strides", {3, 2}), File::ints(n, "pads", {1, 1, 2, 2}), File::ints(n, "dilations", {1, 2}), File::ints(n, "kernel_shape", {3, 2});
    add(masked ? "deformed_masked" : "deformed", f, 1e-5);
  }
  for (bool whole : {false, true}) { // several products meet
    Closed f(18);
    whole ? f.wholes("x", D::INT32, {3, 2}, {5, 6, 7, 8, 9, 10}).wholes("u", D::INT32, {4, 2}, {2, 3, 4, 5, -1, 7, 8, 9}) : f.reals("x", {3, 2}, waves(6)).reals("u", {4, 2}, waves(8));
    f.wholes("i", D::INT64, {4, 2}, {0, 1, -3, 2, 0, -1, 1, 2});
    Closed::text(f.last("ScatterElements", {"x", "i", "u"}), "reduction", {"mul"});
    add(whole ? "products_whole" : "products", f);
  }
  Closed nd(18);
  nd.reals("x", {3, 2, 2}, waves(12)).reals("u", {4, 2}, waves(8)).wholes("i", D::INT64, {4, 2}, {0, 1, 2, 0, 0, 1, -3, -1});
  Closed::text(nd.last("ScatterND", {"x", "i", "u"}), "reduction", {"mul"});
  add("products_nd", nd);
  compare();
}

TEST(OnnxDraws, MultinomialOfOneClassAlone) {
  Closed f(17);
  float none = -std::numeric_limits<float>::infinity();
  f.reals("x", {2, 3}, {none, 1, none, 0.5f, none, none});
  File::attribute(f.last("Multinomial", {"x"}, D::INT64), "sample_size", 50);
  ir::Literal y;
  ASSERT_EQ(said(f, &y), "");
  for (int64_t i = 0; i < 100; ++i)
    EXPECT_EQ(y.get(i).integer, i < 50) << i;
}

TEST_F(Places, SequenceMap) {
  Closed f(17);
  f.reals("x", {5, 2}, waves(10)).reals("a", {2}, {1, 2});
  File::attribute(f.node("SplitToSequence", {"x"}, {"s"}), "axis", 0);
  auto &map = f.node("SequenceMap", {"s", "a"}, {"t"});
  auto *body = map.add_attribute();
  body->set_name("body"), body->set_type(pb::AttributeProto::GRAPH);
  auto &graph = *body->mutable_g();
  graph.set_name("body");
  for (auto *name : {"e", "b"}) {
    auto *in = graph.add_input();
    in->set_name(name);
    in->mutable_type()->mutable_tensor_type()->set_elem_type(D::FLOAT);
  }
  File::node(graph, "Add", {"e", "b"}, {"r"});
  auto *out = graph.add_output();
  out->set_name("r");
  out->mutable_type()->mutable_tensor_type()->set_elem_type(D::FLOAT);
  File::attribute(f.last("ConcatFromSequence", {"t"}), "axis", 0);
  add("map", f);
  compare();
}

} // namespace tenon::test
