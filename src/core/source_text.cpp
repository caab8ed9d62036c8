#include "core/source_text.h"
