# The settings of libaom's build: one thread, optimised in every profile, for the right processor. .cargo/config.toml names
# this file, and `libaom-sys` passes it to cmake. Without it, binaries are megabytes larger, and libaom is slow in
# cross-compiled and in unoptimised builds.

# With this help text, libaom takes a setting as given by the user and not as its default.
set(OURS "No help, variable specified on the command line.")
# AV1_HIGHBITDEPTH stays: pictures with 10 and 12 bits are decoded.
foreach(UNUSED DENOISE LIBYUV MULTITHREAD QUANT_MATRIX SVT_AV1)
  set(CONFIG_${UNUSED} 0 CACHE STRING "${OURS}")
endforeach()

# Only the SIMD instructions that x86-64-v2 and every arm64 have. With a choice at run time, binaries are a megabyte larger,
# and encoding is 6 % faster.
set(CONFIG_RUNTIME_CPU_DETECT 0 CACHE STRING "${OURS}")
foreach(LATER AVX AVX2 ARM_CRC32 NEON_DOTPROD NEON_I8MM SVE SVE2)
  set(ENABLE_${LATER} OFF CACHE BOOL "${OURS}")
endforeach()

# Nothing unwinds through libaom, so it needs no unwind tables.
set(FLAGS "-DNDEBUG -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables")
foreach(LANGUAGE C CXX)
  set(CMAKE_${LANGUAGE}_FLAGS_DEBUG "-O1 ${FLAGS}" CACHE STRING "")
  set(CMAKE_${LANGUAGE}_FLAGS_RELEASE "-O2 ${FLAGS}" CACHE STRING "")
endforeach()

# With a toolchain file, `libaom-sys` does not choose the compilers, so this file does. Cargo passes the target. A tool that
# builds for another machine or C library (cargo-lambda, with zig) passes its compilers in the environment.
set(TARGET "$ENV{TARGET}")
string(REPLACE "-" "_" TARGET_AS_SUFFIX "${TARGET}")
string(REGEX MATCH "^[^-]+" PROCESSOR "${TARGET}")

if(PROCESSOR AND NOT PROCESSOR STREQUAL CMAKE_HOST_SYSTEM_PROCESSOR)
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_SYSTEM_PROCESSOR ${PROCESSOR})
  set(CMAKE_C_COMPILER ${PROCESSOR}-linux-gnu-gcc)
  set(CMAKE_CXX_COMPILER ${PROCESSOR}-linux-gnu-g++)
  if(PROCESSOR STREQUAL "aarch64")
    # libaom knows the processor only by this name. With another name, it builds without SIMD code.
    set(AOM_TARGET_CPU arm64)
  endif()
endif()
if(DEFINED ENV{CC_${TARGET_AS_SUFFIX}})
  set(CMAKE_C_COMPILER "$ENV{CC_${TARGET_AS_SUFFIX}}")
endif()
if(DEFINED ENV{CXX_${TARGET_AS_SUFFIX}})
  set(CMAKE_CXX_COMPILER "$ENV{CXX_${TARGET_AS_SUFFIX}}")
endif()
