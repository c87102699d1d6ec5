// Every operation of the tape. Files that need few include those of optim/autodiff/operations/ they use.
#pragma once

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/attention.h"
#include "optim/autodiff/operations/convolution.h"
#include "optim/autodiff/operations/gru.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/normalisation.h"
#include "optim/autodiff/operations/rational.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/autodiff/operations/solve.h"
