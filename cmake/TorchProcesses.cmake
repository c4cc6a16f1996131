# What of libtorch lets several processes train together: privet_torch_processes carries PRIVET_GLOO and PRIVET_NCCL where
# this libtorch has them. Its wheels hold Gloo, but not Gloo's headers: training/learn/gloo_declarations stands in.
include(CheckCXXSourceCompiles)
add_library(privet_torch_processes INTERFACE)
target_link_libraries(privet_torch_processes INTERFACE privet_torch)

set(gloo_headers ${torch_root}/include)
if(NOT EXISTS ${gloo_headers}/gloo/context.h)
  set(gloo_headers ${CMAKE_SOURCE_DIR}/training/learn/gloo_declarations)
endif()
set(api_headers ${torch_root}/include/torch/csrc/api/include)  # c10d's headers want them
set(CMAKE_REQUIRED_FLAGS
    "-std=c++20 -idirafter ${gloo_headers} -idirafter ${torch_root}/include -idirafter ${api_headers}")
set(CMAKE_REQUIRED_DEFINITIONS -DUSE_C10D_GLOO)
set(CMAKE_REQUIRED_LIBRARIES ${torch_root}/lib/libtorch_cpu.so ${torch_root}/lib/libc10.so)
set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-rpath,${torch_root}/lib)
check_cxx_source_compiles("
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
int main() {
  auto store = c10::make_intrusive<c10d::TCPStore>(\"localhost\");
  c10::make_intrusive<c10d::ProcessGroupGloo>(store, 0, 1);
}" PRIVET_TORCH_HAS_GLOO)
if(PRIVET_TORCH_HAS_GLOO)
  target_compile_options(privet_torch_processes INTERFACE "SHELL:-idirafter ${gloo_headers}"
                                                         "SHELL:-idirafter ${api_headers}")
  target_compile_definitions(privet_torch_processes INTERFACE USE_C10D_GLOO PRIVET_GLOO)
endif()

if(PRIVET_CUDA AND PRIVET_TORCH_HAS_GLOO)
  # The headers of NCCL come as a wheel beside libtorch's; most, but not all, of CUDA's too.
  file(GLOB cuda_headers ${torch_root}/../nvidia/*/include)
  list(PREPEND cuda_headers ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  set(nccl_options "")
  foreach(folder ${cuda_headers})
    list(APPEND nccl_options "SHELL:-idirafter ${folder}")
    string(APPEND CMAKE_REQUIRED_FLAGS " -idirafter ${folder}")
  endforeach()
  list(APPEND CMAKE_REQUIRED_DEFINITIONS -DUSE_C10D_NCCL)
  list(APPEND CMAKE_REQUIRED_LIBRARIES ${torch_root}/lib/libtorch_cuda.so ${torch_root}/lib/libc10_cuda.so)
  check_cxx_source_compiles("
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
int main() {
  auto store = c10::make_intrusive<c10d::TCPStore>(\"localhost\");
  c10::make_intrusive<c10d::ProcessGroupNCCL>(store, 0, 1);
}" PRIVET_TORCH_HAS_NCCL)
  if(PRIVET_TORCH_HAS_NCCL)
    target_compile_options(privet_torch_processes INTERFACE ${nccl_options})
    target_compile_definitions(privet_torch_processes INTERFACE USE_C10D_NCCL PRIVET_NCCL)
  else()
    message(WARNING "this libtorch has no NCCL, or its headers (nvidia/nccl/include beside it) are missing: processes on "
                    "several GPUs will add up over Gloo, which is slower; PyTorch's wheel for CUDA has both")
  endif()
endif()
foreach(name FLAGS DEFINITIONS LIBRARIES LINK_OPTIONS)
  unset(CMAKE_REQUIRED_${name})
endforeach()
