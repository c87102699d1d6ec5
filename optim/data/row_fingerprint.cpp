#include "optim/data/row_fingerprint.h"

#include "dsp/error.h"
#include "optim/engine/fingerprint.h"

namespace raphson::optim::data {

std::string fingerprint_of(const Dataset& rows) {
  Fingerprint print;
  print.add(std::span<const double>(rows.features.data(), static_cast<std::size_t>(rows.features.size())));
  if (rows.target.size() > 0)
    print.add(std::span<const double>(rows.target.data(), static_cast<std::size_t>(rows.target.size())));
  print.add(std::span<const int>(rows.labels));
  return print.hex();
}

void check_same_rows(const Dataset& rows, std::size_t count, const std::string& fingerprint,
                     const std::string& trained) {
  if (rows.size() == count && fingerprint_of(rows) == fingerprint) return;
  throw InputError(rows.name + ": not the rows that the model was " + trained + " on ("
                   + std::to_string(count) + " rows, here " + std::to_string(rows.size())
                   + "); give the same data");
}

} // namespace raphson::optim::data
