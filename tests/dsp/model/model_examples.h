// Models the tests share.
#pragma once

#include "dsp/model/model_file.h"

#include <fstream>
#include <sstream>

namespace raphson::dsp {

/// The published table of the LA-2A, from its CSV (mode, peak_reduction, esr and the five parameters a row)
/// to a model: the rows are the numbers of the CSV, the later parameters (knee, RMS, look-ahead) are off.
inline Model la2a_from_csv(const std::string& path) {
  Model model;
  model.name = "LA-2A (Yu & Fazekas)";
  model.chain = parse_chain("compressor");
  model.knobs = {{"Peak Reduction", "peak_reduction", "", 40, 100, {}, 70},
                 {"Mode", "mode", "", 0, 1, {"Compress", "Limit"}, 0}};
  model.interpolation = Interpolation::spline;
  model.source.citation = "C.-Y. Yu, G. Fazekas, Sound Matching an Analogue Levelling Amplifier Using the "
                          "Newton-Raphson Method, AES AIMLA 2025; https://github.com/aim-qmul/4a2a";
  std::ifstream file(path);
  std::string line;
  std::getline(file, line); // mode,peak_reduction,esr,threshold_db,ratio,attack_ms,release_ms,makeup_db
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string mode, cell;
    std::getline(cells, mode, ',');
    std::vector<double> numbers;
    while (std::getline(cells, cell, ',')) numbers.push_back(std::stod(cell));
    TableRow row{{numbers.at(0), mode == "limit" ? 1.0 : 0.0}, {numbers.begin() + 2, numbers.end()}};
    for (std::size_t i = row.values.size(); i < model.chain.size(); ++i)
      row.values.push_back(model.chain.parameter(i).initial);
    row.source.esr = numbers.at(1);
    if (row.knobs == model.initial_setting()) model.chain.set_values(row.values);
    model.table.push_back(std::move(row));
  }
  return model;
}

} // namespace raphson::dsp
