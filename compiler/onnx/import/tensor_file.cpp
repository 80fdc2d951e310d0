#include "compiler/onnx/import/tensor_file.h"
#include "compiler/onnx/import/node.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

llvm::Expected<tenon::ir::Literal> tenon::onnx::readTensor(llvm::StringRef path, mlir::MLIRContext &context) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  ::onnx::TensorProto tensor;
  if ((*buffer)->getBufferSize() > INT_MAX || !tensor.ParseFromArray((*buffer)->getBufferStart(), int((*buffer)->getBufferSize())))
    return llvm::createStringError(path + ": it is no tensor of ONNX");
  try {
    return imports::literalOf(tensor, llvm::sys::path::parent_path(path), context);
  } catch (imports::Failure &f) {
    return llvm::createStringError(path + ": " + f.message);
  }
}
