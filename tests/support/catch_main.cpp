// Catch2 2 needs a main() of ours; Catch2 3 brings one in Catch2::Catch2WithMain.
#if __has_include(<catch2/catch_all.hpp>)
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
