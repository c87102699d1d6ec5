#include "catch.h"
#include "dsp/error.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "optim/data/scratch_folder.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <sys/stat.h>

using namespace raphson;
using namespace raphson::dsp;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const std::string valid = R"({
  "format": "raphson-model", "version": 1, "name": "Unit",
  "chain": [{"type": "compressor", "parameters": {"threshold_db": -19.1, "ratio": 4, "attack_ms": 5,
                                                  "release_ms": 200, "makeup_db": 0.5}}],
  "knobs": [{"name": "Amount", "key": "amount", "unit": "%", "minimum": 0, "maximum": 10, "initial": 1},
            {"name": "Mode", "key": "mode", "positions": ["Comp", "Limit"], "initial": "Limit"}],
  "table": [
    {"knobs": {"amount": 1, "mode": "Comp"},
     "values": {"threshold_db": -10, "ratio": 2, "attack_ms": 5, "release_ms": 200, "makeup_db": 0}},
    {"knobs": {"amount": 1, "mode": "Limit"}, "source": {"esr": 0.01},
     "values": {"threshold_db": -20, "ratio": 8, "attack_ms": 1, "release_ms": 100,
                "makeup_db": 0, "knee_db": 3}}],
  "interpolation": "spline",
  "source": {"dry": "dry.wav", "sample_rate": 44100, "polarity_inverted": false, "later": [1, 2]}
}
)";

std::string refusal(const std::string& text) {
  try {
    parse_model(text, "unit.raphson.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

/// What is said of the valid file with one piece of it replaced.
std::string refusal(const std::string& piece, const std::string& replacement) {
  std::string text = valid;
  const std::size_t at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return refusal(text.replace(at, piece.size(), replacement));
}

std::string file_refusal(const fs::path& path) {
  try {
    read_model(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

bool same(const Provenance& a, const Provenance& b) {
  return a.dry == b.dry && a.wet == b.wet && a.sample_rate == b.sample_rate && a.esr == b.esr
         && a.delay_samples == b.delay_samples && a.polarity_inverted == b.polarity_inverted
         && a.date == b.date && a.program == b.program && a.citation == b.citation;
}

void check_same(const Model& a, const Model& b) {
  CHECK(a.name == b.name);
  CHECK(to_string(a.chain) == to_string(b.chain));
  CHECK(same_bits(a.chain.values(), b.chain.values()));
  REQUIRE(a.knobs.size() == b.knobs.size());
  for (std::size_t k = 0; k < a.knobs.size(); ++k) {
    const Knob &x = a.knobs[k], &y = b.knobs[k];
    CHECK((x.name == y.name && x.key == y.key && x.unit == y.unit && x.positions == y.positions));
    CHECK(same_bits({x.minimum, x.maximum, x.initial}, {y.minimum, y.maximum, y.initial}));
  }
  REQUIRE(a.table.size() == b.table.size());
  for (std::size_t r = 0; r < a.table.size(); ++r) {
    CHECK(same_bits(a.table[r].knobs, b.table[r].knobs));
    CHECK(same_bits(a.table[r].values, b.table[r].values));
    CHECK(same(a.table[r].source, b.table[r].source));
  }
  CHECK(a.interpolation == b.interpolation);
  CHECK(same(a.source, b.source));
}

std::vector<double> random_values(const ChainSettings& chain, std::mt19937& random) {
  std::vector<double> values;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Parameter& p = chain.parameter(i);
    values.push_back(std::uniform_real_distribution(p.minimum, p.maximum)(random));
  }
  return values;
}

Model random_model(const std::string& chain, std::mt19937& random) {
  Model model{"Ünit \"1\"\n\\", parse_chain(chain), {}, {}, Interpolation::spline, {}};
  model.chain.set_values(random_values(model.chain, random));
  model.knobs = {{"Amount", "amount", "dB", -1.0 / 3, 1e5 / 7, {}, 0.1 + 0.2},
                 {"Mode", "mode", "", 0, 1, {"Comp", "Limit", "Off"}, 2}};
  for (int i = 0; i < 5; ++i)
    for (double m : {0, 1, 2})
      model.table.push_back({{std::sqrt(i) * 17, m}, random_values(model.chain, random), {}});
  model.table[3].source.esr = 0.1;
  model.source = {"dry.wav",     "wet.wav", 44100, 1.0 / 3, -0.0, true, "2025-03-01T12:00:00Z",
                  "raphson 0.1", "a paper"};
  return model;
}

} // namespace

TEST_CASE("A model file keeps the rate that a rational block was fitted at, and does without one") {
  Model model;
  model.name = "Filter";
  model.chain = parse_chain("rational");
  CHECK(parse_model(to_json(model), "filter.json").chain.blocks[0].fitted_rate == 0);
  CHECK_THAT(to_json(model), !Contains("sample_rate"));
  model.chain.blocks[0].fitted_rate = 44100;
  CHECK(parse_model(to_json(model), "filter.json").chain.blocks[0].fitted_rate == 44100);
  std::string text = to_json(model);
  text.replace(text.find("44100"), 5, "-5");
  CHECK_THAT(refusal(text), Contains("sample_rate"));
}

TEST_CASE("What is written comes back to the bit", "[model]") {
  std::mt19937 random(7);
  const ScratchFolder scratch;
  for (const char* chain : {"compressor", "eq", "compressor+eq", "eq+compressor", "compressor+rational"}) {
    const Model model = random_model(chain, random);
    write_model(scratch / "a.raphson.json", model);
    const Model back = read_model(scratch / "a.raphson.json");
    check_same(model, back);
    CHECK(std::signbit(back.source.delay_samples.value()));
    CHECK(to_json(back) == to_json(model));
  }
  CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 1);
}

TEST_CASE("A model file by hand, with what may be absent", "[model]") {
  const Model model = parse_model(valid, "valid");
  CHECK(model.chain.values() == std::vector<double>{-19.1, 4, 5, 200, 0.5, 0, 0, 0});
  CHECK(model.knobs.at(0).initial == 1);
  CHECK(model.knobs.at(1).initial == 1);
  CHECK(model.table.at(1).values.at(5) == 3);
  CHECK(model.table.at(1).source.esr == 0.01);
  CHECK(model.interpolation == Interpolation::spline);
  CHECK(model.source.sample_rate == 44100);
  CHECK(model.source.polarity_inverted == false);
  CHECK_FALSE(model.source.wet);

  const Model least = parse_model(R"({"format": "raphson-model", "version": 1, "name": "x", "chain": [{"type":
    "compressor", "parameters": {"threshold_db": -1, "ratio": 1, "attack_ms": 1, "release_ms": 1,
                                 "makeup_db": 1}}]})",
                                  "least");
  CHECK(least.knobs.empty());
  CHECK(least.interpolation == Interpolation::linear);
  CHECK(chain_values(least, {}) == std::vector<double>{-1, 1, 1, 1, 1, 0, 0, 0});
}

TEST_CASE("Every refusal names the file, the field and what would be right", "[model]") {
  struct Case {
    std::string piece, replacement, message;
  };
  const std::vector<Case> cases{
      {"raphson-model", "preset", "format: \"preset\" must be \"raphson-model\""},
      {"\"format\": \"raphson-model\", ", "", "format: missing"},
      {"\"version\": 1", "\"version\": 2", "version: 2 is newer than this program, which reads 1"},
      {"\"version\": 1", "\"version\": 0", "version: 0 is unknown; this program reads 1"},
      {"\"version\": 1", "\"version\": \"1\"", "version: it is a text and must be a number"},
      {"\"name\": \"Unit\"", "\"name\": 3", "name: it is a number and must be a text"},
      {"\"Unit\"", "\"\"", "name: it is empty"},
      {", \"name\": \"Unit\"", "", "name: missing"},
      {"\"name\": \"Unit\"", "\"name\": \"Unit\", \"knob\": []", "unknown field \"knob\"; known are format,"},
      {"\"name\": \"Unit\"", "\"name\": \"Unit\", \"name\": \"Two\"",
       "the field \"name\" stands there twice"},
      {"\"ratio\": 4, ", "", "chain[0].parameters.ratio: missing"},
      {"\"ratio\": 4", "\"ratio\": 0.5", "chain[0].parameters.ratio: 0.5 is outside 1 to 100:1"},
      {"-19.1", "-81", "chain[0].parameters.threshold_db: -81 is outside -80 to 0 dB"},
      {"-19.1", "\"-19.1\"", "chain[0].parameters.threshold_db: it is a text and must be a number"},
      {"-19.1", "null",
       "chain[0].parameters.threshold_db: it is null, as NaN and infinity are written, and must be a number"},
      {"-19.1", "NaN", "not JSON at byte 1"},
      {"-19.1", "-Infinity", "after the field \"threshold_db\""},
      {"-19.1", "1e999", "a number too large, after the field \"threshold_db\"; it must be finite"},
      {"\"ratio\": 4", "\"ratio\": 4, \"ratoi\": 4",
       "chain[0].parameters: unknown parameter \"ratoi\"; known are threshold_db, ratio,"},
      {"\"type\": \"compressor\"", "\"type\": \"reverb\"",
       "chain[0].type: unknown block \"reverb\"; known are \"compressor\", \"dynamics\", "
       "\"saturation\", \"eq\", \"gru\""},
      {"\"unit\": \"%\"", "\"units\": \"%\"", "knobs[0]: unknown field \"units\""},
      {"\"minimum\": 0", "\"minimum\": 20", "knobs[0].maximum: 10 must be above the minimum, 20"},
      {"\"maximum\": 10", "\"maximum\": 1e7", "knobs[0].maximum: 10000000 is outside -1000000 to 1000000"},
      {"\"initial\": 1", "\"initial\": 11", "knobs[0].initial: 11 is outside 0 to 10 %"},
      {"\"key\": \"mode\"", "\"key\": \"amount\"", "knobs[1].key: a second knob \"amount\""},
      {"\"key\": \"mode\"", "\"key\": \"The Mode\"", "knobs[1].key: \"The Mode\" must be made of a to z"},
      {"[\"Comp\", \"Limit\"]", "[\"Limit\"]", "knobs[1].positions: a switch needs two positions or more"},
      {"[\"Comp\", \"Limit\"]", "[\"Limit\", \"Limit\"]",
       "knobs[1].positions[1]: a second position \"Limit\""},
      {"[\"Comp\", \"Limit\"]", "{}", "knobs[1].positions: it is an object and must be a list"},
      {"\"amount\": 1, \"mode\": \"Comp\"", "\"mode\": \"Comp\"", "table[0].knobs.amount: missing"},
      {"\"amount\": 1, \"mode\": \"Comp\"", "\"amount\": 11, \"mode\": \"Comp\"",
       "table[0].knobs.amount: 11 is outside 0 to 10 %"},
      {"\"mode\": \"Comp\"", "\"mode\": \"comp\"",
       "table[0].knobs.mode: unknown position \"comp\"; known are \"Comp\", \"Limit\""},
      {"\"mode\": \"Comp\"", "\"mode\": \"Comp\", \"gain\": 1",
       "table[0].knobs: unknown knob \"gain\"; known are amount, mode"},
      {"\"mode\": \"Comp\"", "\"mode\": \"Limit\"", "table: no row for mode = Comp"},
      {"\"attack_ms\": 1, ", "", "table[1].values.attack_ms: missing"},
      {"\"knee_db\": 3", "\"knee_db\": 41", "table[1].values.knee_db: 41 is outside 0 to 40 dB"},
      {"\"spline\"", "\"cubic\"",
       "interpolation: unknown \"cubic\"; known are \"linear\", \"spline\" and \"monotone\""},
      {"\"esr\": 0.01", "\"esr\": -1", "table[1].source.esr: -1 is outside 0 to"},
      {"false", "0", "source.polarity_inverted: it is a number and must be true or false"},
      {"\"dry.wav\"", "1", "source.dry: it is a number and must be a text"},
      {"\"knee_db\": 3}}",
       "\"knee_db\": 3}}, {\"knobs\": {\"amount\": 1, \"mode\": \"Limit\"}, \"values\": {\"threshold_db\": "
       "-1, "
       "\"ratio\": 1, \"attack_ms\": 1, \"release_ms\": 1, \"makeup_db\": 0}}",
       "table[2]: the same knob positions as table[1] (amount = 1, mode = Limit)"},
  };
  for (const Case& c : cases) {
    const std::string said = refusal(c.piece, c.replacement);
    CHECK_THAT(said, Catch::Matchers::StartsWith("unit.raphson.json: ") && Contains(c.message));
    CHECK(said.find('\n') == std::string::npos);
  }
}

TEST_CASE("Refusals of whole texts", "[model]") {
  CHECK_THAT(refusal(""), Contains("it is empty"));
  CHECK_THAT(refusal("RIFF"), Contains("not JSON at byte 1, after the start"));
  CHECK_THAT(refusal("[]"), Contains("must be an object"));
  CHECK_THAT(refusal("3"), Contains("must be an object"));
  CHECK_THAT(refusal(valid + "}"), Contains("not JSON at byte " + std::to_string(valid.size() + 1)));
  const std::string half = valid.substr(0, valid.find("attack_ms") + 12);
  CHECK_THAT(refusal(half),
             Contains("cut off at byte " + std::to_string(half.size()) + ", after the field \"attack_ms\""));
  CHECK_THAT(refusal("{\"format\": \"\xff\"}"), Contains("not JSON at byte"));
  CHECK_THAT(refusal(std::string(1 << 20, '[')), Contains("cut off"));
  CHECK_THAT(refusal("{\"format\": \"raphson-model\", \"version\": 1, \"a\\nb\": 1}"), Contains("\"a\\nb\""));
  const std::string second =
      "}}, {\"type\": \"compressor\", \"parameters\": {\"threshold_db\": 0, \"ratio\": 1, "
      "\"attack_ms\": 1, \"release_ms\": 1, \"makeup_db\": 0}}]";
  CHECK_THAT(refusal("}}],\n  \"knobs\"", second + ",\n  \"knobs\""),
             Contains("chain[1]: one too many: a chain has one compressor or dynamics block"));
}

TEST_CASE("Dynamics, saturation and two equalisers: written and read back, and what is refused", "[model]") {
  Model model;
  model.name = "Unit";
  for (const char* name : {"dynamics", "dynamics[gain-db,feedback,knee,memory]+saturation+eq",
                           "eq+dynamics[level,smooth-decoupled,rms,hold,smoothing,sidechain]+eq"}) {
    model.chain = parse_chain(name);
    const Model read = parse_model(to_json(model), "unit.raphson.json");
    CHECK(to_string(read.chain) == name);
    CHECK(read.chain.values() == model.chain.values());
  }
  const std::string text = to_json(model);
  const auto refused = [&](const std::string& piece, const std::string& replacement) {
    std::string changed = text;
    const std::size_t at = changed.find(piece);
    REQUIRE(at != std::string::npos);
    return refusal(changed.replace(at, piece.size(), replacement));
  };
  CHECK_THAT(refused("\"level\"", "\"loudness\""),
             Contains("chain[1].structure.smoothed: unknown \"loudness\"; known are \"gain\", \"gain-db\""));
  CHECK_THAT(refused("\"smooth-decoupled\"", "\"quick\""),
             Contains("chain[1].structure.ballistics: unknown \"quick\"; known are \"smooth-branching\""));
  CHECK_THAT(refused("\"feedforward\"", "\"sideways\""),
             Contains("chain[1].structure.topology: unknown \"sideways\"; known are \"feedforward\""));
  CHECK_THAT(refused("\"topology\"", "\"topologie\""),
             Contains("chain[1].structure: unknown field \"topologie\""));
  CHECK_THAT(refused("\"structure\"", "\"structures\""), Contains("chain[1]: unknown field \"structures\""));
  CHECK_THAT(refused("\"hold_ms\":10.0", "\"hold_ms\":201"),
             Contains("chain[1].parameters.hold_ms: 201 is outside 0 to 200 ms"));
  CHECK_THAT(refused("\"type\":\"eq\"", "\"type\":\"eq\", \"structure\": {}"),
             Contains("chain[0]: unknown field \"structure\""));
  const auto chain_of = [](std::initializer_list<const char*> blocks) {
    std::string list;
    for (const char* block : blocks) {
      Model one;
      one.name = "Unit";
      one.chain = parse_chain(block);
      const std::string json = to_json(one);
      const std::size_t from = json.find('{', json.find("\"chain\"")), to = json.rfind(']');
      list += (list.empty() ? "" : ", ") + json.substr(from, to - from);
    }
    return R"({"format": "raphson-model", "version": 1, "name": "Unit", "chain": [)" + list + "]}";
  };
  CHECK(refusal(chain_of({"eq", "dynamics", "saturation", "eq"})) == "none");
  CHECK_THAT(refusal(chain_of({"compressor", "dynamics"})),
             Contains("chain[1]: one too many: a chain has one compressor or dynamics block"));
  CHECK_THAT(refusal(chain_of({"saturation", "saturation"})),
             Contains("chain[1]: one too many: a chain has one block of type \"saturation\""));
  CHECK_THAT(refusal(chain_of({"eq", "eq", "eq"})),
             Contains("chain[2]: one too many: a chain has two blocks of type \"eq\" at most"));
}

TEST_CASE("Files that are no model file", "[model]") {
  const ScratchFolder scratch;
  const auto path = [&](const char* name) { return scratch / name; };
  CHECK(file_refusal(path("none")) == "cannot read " + path("none").string() + ": No such file or directory");
  CHECK_THAT(file_refusal(scratch.path()), Contains("it is a folder"));
  CHECK_THAT(file_refusal(path("none/none")), Contains("No such file or directory"));
  std::ofstream(path("empty")).close();
  CHECK(file_refusal(path("empty"))
        == path("empty").string() + ": it is empty; a model file (JSON) is expected");
  std::ofstream(path("large")) << valid;
  fs::resize_file(path("large"), max_model_file_bytes + 1); // sparse
  CHECK_THAT(file_refusal(path("large")), Contains("16 MB"));
  REQUIRE(mkfifo(path("pipe").c_str(), 0600) == 0);
  CHECK_THAT(file_refusal(path("pipe")), Contains("not a regular file"));
  std::ofstream(path("good")) << valid;
  CHECK(file_refusal(path("good")) == "none");
}

TEST_CASE("A model that could not be read back is not written", "[model]") {
  const ScratchFolder scratch;
  const auto refuses = [&](const Model& model, const char* message) {
    try {
      write_model(scratch / "a", model);
      FAIL("written");
    } catch (const InputError& error) {
      CHECK_THAT(error.what(), Contains(message));
    }
    CHECK(fs::is_empty(scratch.path()));
  };
  Model model = parse_model(valid, "valid");
  model.chain.blocks[0].values[1] = std::nan("");
  refuses(model, "chain[0].parameters.ratio: it is null");
  model.chain.blocks[0].values.pop_back();
  refuses(model, "chain: the block compressor needs 8 values");
  model = parse_model(valid, "valid");
  model.table[1].values.pop_back();
  refuses(model, "table[1].values");
  model = parse_model(valid, "valid");
  model.table[1].values[0] = 1;
  refuses(model, "table[1].values.threshold_db: 1 is outside");
  model = parse_model(valid, "valid");
  model.knobs[1].initial = 2;
  refuses(model, "mode has no position");
}

TEST_CASE("Any text is a model or an InputError of one line", "[model]") {
  const auto survives = [](const std::string& text) {
    try {
      const Model model = parse_model(text, "fuzz");
      for (const double value : chain_values(model, model.initial_setting()))
        if (!std::isfinite(value)) return false;
      return true;
    } catch (const InputError& error) {
      return std::strlen(error.what()) > 0 && !std::strchr(error.what(), '\n');
    }
  };
  for (std::size_t size = 0; size < valid.size(); ++size) {
    if (!survives(valid.substr(0, size))) FAIL("the first " << size << " bytes");
    if (size + 2 < valid.size() && refusal(valid.substr(0, size)) == "none")
      FAIL("cut off, yet read: " << size);
  }
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string text = valid;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
      text[random() % text.size()] = static_cast<char>(random() % 4 ? ' ' + random() % 95 : random() % 256);
    if (!survives(text)) FAIL("seed 11, text " << i << ": " << text);
  }
}
