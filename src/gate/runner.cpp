#include "gate/runner.h"
