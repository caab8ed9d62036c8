// `modules`: the part of Python's re, datetime and itertools that gives the same answer at any time
// and anywhere. What looks at the clock, and what is written otherwise in C++ than in Python, is
// refused.
#pragma once

#include "jinja/value.h"

namespace layergate::jinja {

Var Modules();

}  // namespace layergate::jinja
