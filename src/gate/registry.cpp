#include "gate/registry.h"
