#include "warehouse/pool.h"
