#include "change/change_set.h"
