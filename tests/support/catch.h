// Catch2, whichever major version the system has: 2 (one header) or 3. Include this, never Catch2
// itself.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
