# How libaom is built (`libaom-sys` hands this to cmake because .cargo/config.toml names it): the encoder of 8 bits
# alone, on one thread, optimised whatever the profile, for the right processor. Without this file all works too, in a
# binary of 4 MB more, and slowly where it is cross-compiled or not optimised.

# The help text is what tells libaom that a setting is ours and not its default.
set(OURS "No help, variable specified on the command line.")
foreach(UNUSED AV1_HIGHBITDEPTH DENOISE LIBYUV MULTITHREAD QUANT_MATRIX SVT_AV1)
  set(CONFIG_${UNUSED} 0 CACHE STRING "${OURS}")
endforeach()

# One kind of SIMD, as all else has it that is not chosen at run time: what x86-64-v2 and every arm64 have. All kinds
# side by side are a megabyte more, and 6 % faster.
set(CONFIG_RUNTIME_CPU_DETECT 0 CACHE STRING "${OURS}")
foreach(LATER AVX AVX2 ARM_CRC32 NEON_DOTPROD NEON_I8MM SVE SVE2)
  set(ENABLE_${LATER} OFF CACHE BOOL "${OURS}")
endforeach()

# Nothing unwinds through libaom: without the tables for it.
set(FLAGS "-DNDEBUG -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables")
foreach(LANGUAGE C CXX)
  set(CMAKE_${LANGUAGE}_FLAGS_DEBUG "-O1 ${FLAGS}" CACHE STRING "")
  set(CMAKE_${LANGUAGE}_FLAGS_RELEASE "-O2 ${FLAGS}" CACHE STRING "")
endforeach()

# Given a toolchain file, `libaom-sys` leaves it to that to name the compilers. Cargo says for what it builds, and
# whoever builds for another machine or C library (cargo-lambda, by zig) has named the compilers in the environment.
set(TARGET "$ENV{TARGET}")
string(REPLACE "-" "_" TARGET_AS_SUFFIX "${TARGET}")
string(REGEX MATCH "^[^-]+" PROCESSOR "${TARGET}")

if(PROCESSOR AND NOT PROCESSOR STREQUAL CMAKE_HOST_SYSTEM_PROCESSOR)
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_SYSTEM_PROCESSOR ${PROCESSOR})
  set(CMAKE_C_COMPILER ${PROCESSOR}-linux-gnu-gcc)
  set(CMAKE_CXX_COMPILER ${PROCESSOR}-linux-gnu-g++)
  if(PROCESSOR STREQUAL "aarch64")
    # libaom knows it by this name only, and would take another for a processor without SIMD.
    set(AOM_TARGET_CPU arm64)
  endif()
endif()
if(DEFINED ENV{CC_${TARGET_AS_SUFFIX}})
  set(CMAKE_C_COMPILER "$ENV{CC_${TARGET_AS_SUFFIX}}")
endif()
if(DEFINED ENV{CXX_${TARGET_AS_SUFFIX}})
  set(CMAKE_CXX_COMPILER "$ENV{CXX_${TARGET_AS_SUFFIX}}")
endif()
