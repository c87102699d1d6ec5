// At every size and in every view: no text is cut off, nothing lies outside its parent, everything can be
// reached by the keyboard and has a name.
#include "tests/catch.h"
#include "tests/plugin/editor/window.h"

#include <cctype>
#include <set>

using namespace raphson;
using test::each_visible;
using test::Window;
using View = plugin::WindowContent::View;

namespace {

struct CutOffs {
  std::set<std::string> texts;
  CutOffs() {
    plugin::type::on_cut_off = [this](const juce::String& text, float width, float room) {
      texts.insert((text + ": " + juce::String(width) + " in " + juce::String(room)).toStdString());
    };
  }
  ~CutOffs() { plugin::type::on_cut_off = nullptr; }
};

void check_inside(juce::Component& window) {
  each_visible(window, [&](juce::Component& c) {
    for (auto* child : c.getChildren()) {
      if (!child->isVisible() || dynamic_cast<plugin::FocusRing*>(child) || child->getBounds().isEmpty())
        continue;
      CAPTURE(c.getTitle().toStdString(), child->getTitle().toStdString(),
              child->getBounds().toString().toStdString());
      const auto area = child->getParentComponent()->getLocalArea(child, child->getLocalBounds());
      CHECK(c.getLocalBounds().expanded(1).contains(area));
    }
  });
}

bool is_interactive(juce::Component& c) {
  return dynamic_cast<juce::Button*>(&c) || dynamic_cast<juce::Slider*>(&c)
         || dynamic_cast<juce::TextEditor*>(&c);
}

void show_all(Window& window, const std::function<void(const char*)>& check) {
  for (const double scale : {0.75, 1.0, 2.0}) {
    window.set_scale(scale);
    for (const auto& [view, name] :
         {std::pair{View::front, "front"}, {View::expert, "expert"}, {View::learn, "learn"}}) {
      window.content().show(view);
      window.settle();
      check(name);
    }
  }
}

dsp::Model model(const char* chain, std::vector<dsp::Knob> knobs = {}) {
  dsp::Model m{"A model", dsp::parse_chain(chain), std::move(knobs), {}, {}, {}};
  const std::size_t count = m.knobs.size();
  for (std::size_t corner = 0; count > 0 && corner < (std::size_t(1) << count); ++corner) {
    dsp::TableRow row{{}, m.chain.values()};
    for (std::size_t k = 0; k < count; ++k)
      row.knobs.push_back(corner >> k & 1 ? (m.knobs[k].is_switch() ? 1 : m.knobs[k].maximum)
                                          : (m.knobs[k].is_switch() ? 0 : m.knobs[k].minimum));
    m.table.push_back(row);
  }
  return m;
}

dsp::Knob knob(const std::string& name, double minimum, double maximum) {
  std::string key = name;
  for (char& c : key) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return {name, key, "", minimum, maximum, {}, minimum};
}

} // namespace

TEST_CASE("No text is cut off and nothing sticks out, at any size, in any view, with any model") {
  Window window;
  const CutOffs cut;
  std::vector<dsp::Model> models{window.processor.model(),
                                 model("compressor"),
                                 model("compressor+eq"),
                                 model("eq+compressor"),
                                 model("eq"),
                                 model("compressor", {knob("Drive", 0, 10)}),
                                 model("dynamics"),
                                 model("compressor+saturation"),
                                 model("eq+dynamics[gain-db,feedback,memory]+saturation+eq")};
  std::vector<dsp::Knob> eight;
  for (int k = 1; k <= 7; ++k) eight.push_back(knob("Knob " + std::to_string(k), 0, k));
  eight.push_back({"Mode", "mode", "", 0, 1, {"Fast", "Slow"}, 0});
  models.push_back(model("compressor", eight));
  for (const dsp::Model& m : models) {
    window.processor.adopt_model(m);
    window.settle();
    window.play(0.5);
    show_all(window, [&](const char* view) {
      CAPTURE(m.knobs.size(), to_string(m.chain), view, window.editor->getWidth());
      window.picture();
      check_inside(*window.editor);
      CHECK(cut.texts == std::set<std::string>{});
    });
  }
}

TEST_CASE("Extreme values fit as well") {
  Window window;
  const CutOffs cut;
  window.processor.adopt_model(model("compressor+eq"));
  for (const float end : {0.0f, 1.0f, 0.37f}) {
    for (auto* parameter : window.processor.getParameters())
      if (parameter->getName(64) != "Bypass") parameter->setValueNotifyingHost(end);
    window.settle();
    show_all(window, [&](const char* view) {
      CAPTURE(end, view);
      window.picture();
      CHECK(cut.texts == std::set<std::string>{});
    });
  }
}

TEST_CASE("What can be operated has a name and takes the keyboard") {
  Window window;
  show_all(window, [&](const char* view) {
    each_visible(window.content(), [&](juce::Component& c) {
      if (!is_interactive(c) || !c.isEnabled()) return;
      CAPTURE(view, c.getComponentID().toStdString(), c.getName().toStdString(),
              c.getBounds().toString().toStdString());
      CHECK((c.getTitle().isNotEmpty() || c.getName().isNotEmpty()));
      CHECK(c.getWantsKeyboardFocus());
    });
  });
}

TEST_CASE("Every host parameter that the model has is somewhere in the window") {
  Window window;
  window.processor.adopt_model(model("compressor+eq", {knob("Drive", 0, 10)}));
  window.settle();
  std::set<std::string> found;
  show_all(window, [&](const char*) {
    each_visible(window.content(),
                 [&](juce::Component& c) { found.insert(c.getComponentID().toStdString()); });
  });
  for (auto* parameter : window.processor.getParameters()) {
    const auto id = dynamic_cast<juce::AudioProcessorParameterWithID&>(*parameter).paramID.toStdString();
    if (id.starts_with("knob") && id != "knob1") continue;
    const auto* expert = dynamic_cast<plugin::ExpertParameter*>(parameter);
    if (expert && !expert->is_in_use()) continue; // of another kind of block
    CAPTURE(id);
    CHECK(found.count(id) == 1);
  }
}
