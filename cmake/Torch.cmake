# libtorch as the target privet_torch, for the rooms that compute. Taken from Torch_DIR (the folder of TorchConfig.cmake)
# or from the torch wheel that scripts/setup.sh puts into .venv. TorchConfig.cmake itself is not used: in a wheel built with
# CUDA it wants a whole CUDA toolkit, even for programs that compute on the CPU.
set(Torch_DIR "$ENV{Torch_DIR}" CACHE PATH "Folder of TorchConfig.cmake; empty: the torch wheel in .venv")
if(Torch_DIR)
  get_filename_component(torch_root ${Torch_DIR}/../../.. ABSOLUTE)
else()
  execute_process(
    COMMAND ${CMAKE_SOURCE_DIR}/.venv/bin/python -c
            "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE torch_root OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT torch_root OR NOT EXISTS ${torch_root}/include/ATen/ATen.h)
  if(Torch_DIR)
    message(FATAL_ERROR "Torch_DIR=${Torch_DIR} holds no libtorch: name the folder of TorchConfig.cmake")
  endif()
  # Programs run rules without it; the test command wants it.
  message(STATUS "libtorch is not installed: the learned stages are left out (scripts/setup.sh installs it)")
  set(PRIVET_MODELS OFF)
  return()
endif()

file(STRINGS ${torch_root}/include/torch/headeronly/version.h version_lines REGEX "TORCH_VERSION_M(AJOR|INOR) [0-9]+")
string(REGEX REPLACE "[^0-9]*TORCH_VERSION_MAJOR ([0-9]+).*TORCH_VERSION_MINOR ([0-9]+).*" "\\1.\\2" torch_version
                     "${version_lines}")
if(NOT torch_version MATCHES "^[0-9]+\\.[0-9]+$" OR torch_version VERSION_LESS 2.11)
  message(FATAL_ERROR "libtorch in ${torch_root} is version '${torch_version}'; 2.11 or newer is needed")
endif()
file(STRINGS ${torch_root}/share/cmake/Torch/TorchConfig.cmake old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
if(old_abi)
  message(FATAL_ERROR "libtorch in ${torch_root} uses libstdc++'s old ABI; take a build for the C++11 ABI")
endif()
message(STATUS "libtorch ${torch_version} in ${torch_root}")

set(privet_torch_root ${torch_root})
add_library(privet_torch INTERFACE)
# Behind every other folder: the wheel ships old copies of others' headers, google/protobuf among them.
target_compile_options(privet_torch INTERFACE -idirafter ${torch_root}/include)
# at::parallel_for is a template around an OpenMP pragma; without the flag it would run on one thread.
target_compile_options(privet_torch INTERFACE -fopenmp)
# One header an operation instead of all of them.
target_compile_definitions(privet_torch INTERFACE AT_PER_OPERATOR_HEADERS)
target_link_options(privet_torch INTERFACE -Wl,-rpath,${torch_root}/lib)
target_link_libraries(privet_torch INTERFACE ${torch_root}/lib/libtorch_cpu.so ${torch_root}/lib/libc10.so)
# The OpenMP runtime that libtorch runs on, never a second one beside it.
file(GLOB torch_openmp ${torch_root}/lib/libgomp*.so* ${torch_root}/../torch.libs/libgomp*.so*)
if(torch_openmp)
  list(GET torch_openmp 0 torch_openmp)
  target_link_libraries(privet_torch INTERFACE ${torch_openmp})
else()
  target_link_libraries(privet_torch INTERFACE gomp)
endif()

if(PRIVET_CUDA)
  if(NOT EXISTS ${torch_root}/lib/libtorch_cuda.so)
    message(FATAL_ERROR "PRIVET_CUDA=ON needs a libtorch built with CUDA; the one in ${torch_root} is for CPUs")
  endif()
  target_compile_definitions(privet_torch INTERFACE PRIVET_CUDA)
  # Nothing of it is called by name: it registers its operators when it is loaded.
  target_link_libraries(privet_torch INTERFACE -Wl,--no-as-needed ${torch_root}/lib/libtorch_cuda.so
                                               ${torch_root}/lib/libc10_cuda.so -Wl,--as-needed)
  # For libtorch's own headers about streams; behind its other headers, as they are.
  foreach(folder ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
    target_compile_options(privet_torch INTERFACE "SHELL:-idirafter ${folder}")
  endforeach()
endif()
