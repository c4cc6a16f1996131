// Marks a function of plain loops to be compiled for several instruction sets, the best of which is taken
// when the program starts. Needs ifuncs (glibc) and a compiler that knows the attribute; elsewhere the plain
// one remains.
#ifndef PRIVET_QWEN3_KERNELS_TARGET_CLONES_H_
#define PRIVET_QWEN3_KERNELS_TARGET_CLONES_H_

#include <climits>  // defines __GLIBC__

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define PRIVET_TARGET_CLONES [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PRIVET_TARGET_CLONES
#endif

#endif  // PRIVET_QWEN3_KERNELS_TARGET_CLONES_H_
