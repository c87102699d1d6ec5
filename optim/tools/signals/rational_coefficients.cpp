#include "dsp/error.h"
#include "optim/data/read_file.h"
#include "optim/tools/signals/rational_plots.h"
#include "optim/tools/signals/rational_report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using nlohmann::json;

constexpr const char* format = "raphson-rational";

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw InputError(name + ": " + what);
}

double number(const std::string& name, const json& file, const char* field) {
  if (!file.contains(field) || !file[field].is_number())
    refuse(name, std::string("no number in the field ") + field);
  return file[field].get<double>();
}

std::vector<double> numbers(const std::string& name, const json& file, const char* field) {
  if (!file.contains(field) || !file[field].is_array()
      || !std::all_of(file[field].begin(), file[field].end(), [](const json& x) { return x.is_number(); }))
    refuse(name, std::string("no list of numbers in the field ") + field);
  return file[field].get<std::vector<double>>();
}

/// None where there are no such: an odd order, or poles that coincide.
dsp::RationalSections<double> sections_of(const CoefficientFile& file) {
  try {
    return dsp::to_sections(to_recursion(file.coefficients, file.length));
  } catch (const InputError&) {
    return {};
  }
}

} // namespace

std::string to_json(const CoefficientFile& file, const dsp::RationalSections<double>& sections) {
  nlohmann::ordered_json text{{"format", format},
                              {"version", 1},
                              {"sample_rate", file.sample_rate},
                              {"length", file.length},
                              {"h0", file.coefficients.h0},
                              {"a", file.coefficients.a},
                              {"b", file.coefficients.b}};
  text["sections"] = {{"h0", sections.h0}, {"p", json::array()}, {"q", json::array()}};
  for (const char* field : {"p", "q", "beta1", "beta2"}) text["sections"][field] = json::array();
  for (const auto& s : sections.sections) {
    text["sections"]["p"].push_back(s.p);
    text["sections"]["q"].push_back(s.q);
    text["sections"]["beta1"].push_back(s.beta1);
    text["sections"]["beta2"].push_back(s.beta2);
  }
  return text.dump(2) + "\n";
}

CoefficientFile read_coefficients(const std::filesystem::path& path) {
  const std::string name = path.string();
  json file;
  try {
    file = json::parse(data::read_file(path));
  } catch (const json::exception&) {
    refuse(name, "not JSON");
  }
  if (!file.is_object() || file.value("format", json()) != format || file.value("version", json()) != 1)
    refuse(name, std::string("not a file of coefficients: \"format\": \"") + format
                     + "\", \"version\": 1 expected");
  CoefficientFile result{{number(name, file, "h0"), numbers(name, file, "a"), numbers(name, file, "b")},
                         0,
                         number(name, file, "sample_rate")};
  const double length = number(name, file, "length");
  if (!(length >= 2 && length <= 1 << 24 && length == std::floor(length)))
    refuse(name, "length is to be a whole number from 2 to 2^24");
  if (!(result.sample_rate > 0)) refuse(name, "sample_rate is to be above 0");
  result.length = static_cast<std::size_t>(length);
  if (result.coefficients.a.size() != result.coefficients.b.size())
    refuse(name, "a has " + std::to_string(result.coefficients.a.size()) + " numbers and b "
                     + std::to_string(result.coefficients.b.size()) + ": as many of both expected");
  return result;
}

std::string to_json(const std::vector<RationalCoefficients>& filters, std::size_t length) {
  json list = json::array();
  for (const RationalCoefficients& c : filters) list.push_back({{"h0", c.h0}, {"a", c.a}, {"b", c.b}});
  return nlohmann::ordered_json{{"format", std::string(format) + "-filters"},
                                {"version", 1},
                                {"length", length},
                                {"filters", list}}
             .dump(1)
         + "\n";
}

report::ToolReport coefficients_report(const CoefficientFile& file) {
  const std::vector<double> k = rational_kernel(file.coefficients, file.length);
  std::vector<double> run(file.length);
  run[0] = 1;
  dsp::RationalRecursion<double>(to_recursion(file.coefficients, file.length)).process(run);
  double off = 0, peak = 0, radius = 0;
  report::Table table{{{"sample"}, {"kernel"}, {"recursion"}, {"difference"}}, {}};
  for (std::size_t t = 0; t < k.size(); ++t) {
    const double difference = std::abs(k[t] - run[t]);
    if (!(difference <= off)) off = difference; // NaN, too
    peak = std::max(peak, std::abs(k[t]));
    table.rows.push_back(
        {t, report::Cell::significant(k[t], 10), report::Cell::significant(run[t], 10), k[t] - run[t]});
  }
  for (const auto& pole : dsp::poles(file.coefficients.a)) radius = std::max(radius, std::abs(pole));
  report::ToolReport result{.title = "The kernel by Fourier transform and by recursion"};
  result.values = {{"order", file.coefficients.a.size()},
                   {"length", file.length},
                   {"peak of the kernel", peak},
                   {"largest difference", off},
                   {"largest difference / peak", off / peak},
                   {"largest radius of a pole", report::Cell::significant(radius, 8)}};
  if (!std::isfinite(off))
    result.warnings.push_back("the recursion runs beyond the numbers that there are: it is no filter to run");
  if (radius >= 1) {
    const StableRational stable = stabilised(file.coefficients, file.length);
    result.values.push_back({"poles to be reflected", stable.moved});
    result.values.push_back({"what that costs, |k' - k| / |k|", stable.error});
    result.warnings.push_back(
        "poles lie on or outside the unit circle: the kernel is valid, the recursion grows; a filter that "
        "runs needs them reflected, as coefficients.json has them");
    const CoefficientFile reflected{stable.coefficients, file.length, file.sample_rate};
    result.files.push_back({"coefficients.json", to_json(reflected, sections_of(reflected))});
  }
  result.files.push_back({"kernel.csv", report::to_csv(table)});
  table.rows.resize(std::min<std::size_t>(table.rows.size(), 16));
  result.tables = {{"beginning", "The kernel both ways, its first samples", table}};
  result.figures.push_back(kernel_figure(k, file.sample_rate));
  return result;
}

} // namespace raphson::optim::tools
