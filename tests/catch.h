// Catch2 under one name: Debian 12 ships version 2, Ubuntu 24.04 version 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
// Version 3 calls the matcher of substrings by another name, and ranges' matcher by this one.
#define Contains ContainsSubstring
#else
#include <catch2/catch.hpp>
#endif
