#include "warehouse/target.h"
