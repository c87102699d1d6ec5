#include "catch.h"
#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/data/standardise.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// n rows, row i holding (i, 10 i), target 100 i, class i mod 3.
Dataset counting(int n) {
  Dataset data{.class_names = {"a", "b", "c"}, .name = "counting"};
  data.features.resize(n, 2);
  data.target.resize(n);
  for (int i = 0; i < n; ++i) {
    data.features.row(i) << i, 10 * i;
    data.target[i] = 100 * i;
    data.labels.push_back(i % 3);
  }
  return data;
}

std::set<std::size_t> set_of(const std::vector<std::size_t>& rows) { return {rows.begin(), rows.end()}; }

void check_apart(const Split& split, std::size_t training, std::size_t held_out) {
  CHECK(split.training.size() == training);
  CHECK(split.held_out.size() == held_out);
  std::set<std::size_t> all = set_of(split.training);
  all.merge(set_of(split.held_out));
  CHECK(all.size() == training + held_out);
}

} // namespace

TEST_CASE("Rows are chosen with all that belongs to them") {
  const Dataset data = counting(10);
  const std::vector<std::size_t> rows = {7, 2, 7};
  const Dataset chosen = select_rows(data, rows);
  CHECK(chosen.features == (RowMatrix(3, 2) << 7, 70, 2, 20, 7, 70).finished());
  CHECK(chosen.target == (Vector(3) << 700, 200, 700).finished());
  CHECK(chosen.labels == std::vector<int>{1, 2, 1});
  CHECK(chosen.class_names == data.class_names);
  CHECK(slice_rows(data, 8, 2).labels == std::vector<int>{2, 0});
  CHECK_THROWS_WITH(slice_rows(data, 8, 3),
                    Contains("counting: 3 examples from 8 on are asked for, there are 10"));
  CHECK_THROWS(select_rows(data, std::vector<std::size_t>{10}));
}

TEST_CASE("Classes are chosen") {
  const Dataset data = counting(10);
  const Dataset two = select_classes(data, std::vector<int>{2, 0});
  CHECK(two.features.col(0) == (Vector(7) << 0, 2, 3, 5, 6, 8, 9).finished());
  CHECK(two.labels == std::vector<int>{1, 0, 1, 0, 1, 0, 1});
  CHECK(two.class_names == std::vector<std::string>{"c", "a"});
  const Dataset kept = select_classes(data, std::vector<int>{2}, false);
  CHECK(kept.labels == std::vector<int>{2, 2, 2});
  CHECK(kept.class_names == data.class_names);
  CHECK_THROWS_WITH(select_classes(data, std::vector<int>{3}), Contains("no example of class 3"));
  CHECK_THROWS_WITH(select_classes(data, std::vector<int>{1, 1}), Contains("class 1 is asked for twice"));
  CHECK_THROWS_WITH(select_classes(Dataset{.name = "x"}, std::vector<int>{1}), Contains("x: no classes"));
}

TEST_CASE("A split has no row twice, and is the seed's own") {
  const Split split = split_rows(100, 60, 30, 1);
  check_apart(split, 60, 30);
  CHECK(split.training == split_rows(100, 60, 30, 1).training);
  CHECK(split.training != split_rows(100, 60, 30, 2).training);
  CHECK_FALSE(std::is_sorted(split.training.begin(), split.training.end()));
  check_apart(split_rows(7, 7, 0, 1), 7, 0);
  CHECK_THROWS_WITH(split_rows(100, 60, 41, 1),
                    Contains("60 examples to train on and 41 held out are asked for, there are 100"));
  CHECK_THROWS_AS(split_rows(10, ~std::size_t{0}, 2, 1), InputError);
}

TEST_CASE("A split by class holds its share of every class out") {
  const Dataset data = counting(31); // 11, 10, 10
  const Split split = split_by_class(data, 0.3, 5);
  check_apart(split, 22, 9);
  const TrainingAndHeldOut parts = apply_split(data, split);
  for (const int c : {0, 1, 2})
    CHECK(std::count(parts.held_out.labels.begin(), parts.held_out.labels.end(), c) == 3);
  CHECK(parts.training.features(0, 0) == static_cast<double>(split.training[0]));
  check_apart(split_by_class(counting(3), 0.9, 5), 3, 0); // one of each: it stays in training
  for (const double share : {0.0, 1.0, -1.0, std::nan("")})
    CHECK_THROWS_AS(split_by_class(data, share, 5), InputError);

  const Split fixed = split_per_class(data, 6, 4, 5);
  check_apart(fixed, 18, 12);
  for (const int c : {0, 1, 2})
    CHECK(std::count_if(fixed.training.begin(), fixed.training.end(),
                        [&](std::size_t i) { return data.labels[i] == c; })
          == 6);
  CHECK_THROWS_WITH(split_per_class(data, 7, 4, 5),
                    Contains("class b has 10 examples, 7 to train on and 4 held out are asked for"));
}

TEST_CASE("Rows held out are standardised by the training rows") {
  Dataset training;
  training.features = (RowMatrix(3, 3) << 1, 5, 0.1, 2, 5, 0.1, 6, 5, 0.1).finished();
  RowMatrix held_out = (RowMatrix(1, 3) << 4, 7, 0.2).finished();
  const RowMatrix before = held_out;
  const Standardisation scale = standardise(training);
  CHECK(scale.mean[0] == 3);
  CHECK(scale.deviation[0] == Approx(std::sqrt(14.0 / 3)).epsilon(1e-15));
  CHECK(scale.deviation[1] == 1); // does not vary
  CHECK(scale.deviation[2] == 1); // does not vary, but its mean is rounded
  CHECK(training.features.col(0).mean() == Approx(0).margin(1e-15));
  CHECK(training.features.col(0).squaredNorm() / 3 == Approx(1));
  CHECK(training.features.col(1).isZero(0));
  scale.apply(held_out);
  CHECK(held_out(0, 0) == Approx(1 / std::sqrt(14.0 / 3)));
  CHECK(held_out(0, 1) == 2);
  scale.undo(held_out);
  CHECK(held_out.isApprox(before, 1e-15));
  RowMatrix other(1, 2);
  CHECK_THROWS_WITH(scale.apply(other), Contains("2 features, 3 expected as in training"));
  CHECK_THROWS_AS(standardisation_of(RowMatrix(0, 3)), InputError);
}
