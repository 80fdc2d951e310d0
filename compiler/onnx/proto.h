// ONNX's messages and its checker: the one place that includes them. Nothing outside of this folder sees protobuf or ONNX's headers.
#pragma once
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wall"
#include <onnx/onnx_pb.h>
#pragma clang diagnostic pop
