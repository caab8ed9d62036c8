#include "warehouse/connection.h"
