// A folder for results that gets all of them or none: files are written to a hidden folder inside it and
// moved to their places by commit(), by rename. Without commit() nothing is left, and a folder that was made
// for them goes as well.
//
//   OutputFolder out("results");           // made and found writable before the long work starts
//   write_file(out.staging() / "table.csv", text);
//   out.commit();
#pragma once

#include <filesystem>

namespace raphson::cli {

class OutputFolder {
public:
  /// Throws InputError where the folder cannot be made or written.
  explicit OutputFolder(const std::filesystem::path& folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& path() const { return folder_; }
  /// Made when first asked for: whoever kills the program during long work finds no litter.
  const std::filesystem::path& staging();

  /// Throws InputError where a file of that name cannot be replaced, before any has been moved.
  void commit();

  /// Without commit() the folder stays, if it was made for this: something else in it is to be kept.
  void keep() { made_.clear(); }

private:
  void make_staging();

  std::filesystem::path folder_, staging_; // staging_: empty until made
  std::filesystem::path made_;             // the topmost folder that was made for this, or empty
  bool committed_ = false;
};

/// Throws InputError where a file of this name could not be written, so that long work need not find out.
void check_writable_file(const std::filesystem::path& path);

} // namespace raphson::cli
