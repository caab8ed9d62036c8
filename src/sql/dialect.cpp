#include "sql/dialect.h"
