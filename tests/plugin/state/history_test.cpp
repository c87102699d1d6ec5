// Undo, redo, A/B.
#include "catch.h"
#include "plugin/plugin_fixture.h"

using raphson::plugin::built_in_model;
using raphson::plugin::History;
using raphson::plugin::initial_sound;
using raphson::test::Plugin;

TEST_CASE("Each move by hand is a step back and forth", "[plugin]") {
  Plugin plugin;
  auto& processor = plugin.processor;
  CHECK_FALSE(processor.undo());
  plugin.move_by_hand("ratio", 8);
  plugin.move_by_hand("mix", 50);
  plugin.move_by_hand("knob1", 1);
  CHECK(processor.undo());
  CHECK(plugin.value("knob1") == 0.5);
  CHECK(processor.undo());
  CHECK(plugin.value("mix") == 100);
  CHECK(processor.is_overridden("ratio"));
  CHECK(processor.undo());
  CHECK_FALSE(processor.is_overridden("ratio"));
  CHECK_FALSE(processor.can_undo());
  CHECK(processor.redo());
  CHECK(plugin.value("ratio") == Approx(8));
  CHECK(processor.redo());
  CHECK(processor.redo());
  CHECK(plugin.value("knob1") == 1);
  CHECK_FALSE(processor.redo());
}

TEST_CASE("A move after going back drops what lay ahead", "[plugin]") {
  Plugin plugin;
  plugin.move_by_hand("ratio", 8);
  plugin.processor.undo();
  plugin.move_by_hand("mix", 50);
  CHECK_FALSE(plugin.processor.can_redo());
}

TEST_CASE("Automation, bypass and delta leave no steps, nor does a click without a move", "[plugin]") {
  Plugin plugin;
  plugin.automate("mix", 20);
  plugin.move_by_hand("bypass", 1);
  plugin.move_by_hand("delta", 1);
  plugin.parameter("mix").beginChangeGesture();
  plugin.parameter("mix").endChangeGesture();
  CHECK_FALSE(plugin.processor.can_undo());
}

TEST_CASE("A model and a reset can be undone", "[plugin]") {
  Plugin plugin;
  plugin.move_by_hand("ratio", 8);
  plugin.processor.reset_overrides();
  plugin.processor.adopt_model({"Other", raphson::dsp::parse_chain("eq"), {}, {}, {}, {}});
  CHECK(plugin.processor.undo());
  CHECK(plugin.processor.model().name == built_in_model()->model.name);
  CHECK(plugin.processor.undo());
  CHECK(plugin.effective("ratio") == Approx(8));
}

TEST_CASE("Moves of one parameter that follow closely are one step", "[plugin]") {
  History history;
  const auto sound = [](double mix) {
    auto s = initial_sound(built_in_model());
    s.controls["mix"] = mix;
    return s;
  };
  history.edited("mix", sound(0), 1000);
  history.edited("mix", sound(1), 1500);
  history.edited("mix", sound(2), 2100);
  history.edited("ratio", sound(3), 2200);
  history.edited("ratio", sound(4), 2200 + History::coalesce_ms);
  CHECK(history.undo(sound(5))->controls["mix"] == 4);
  CHECK(history.undo(sound(4))->controls["mix"] == 3);
  CHECK(history.undo(sound(3))->controls["mix"] == 0);
  CHECK_FALSE(history.can_undo());
  for (std::size_t i = 0; i < 2 * History::maximum_steps; ++i) history.edited("", sound(0), 0);
  std::size_t steps = 0;
  while (history.undo(sound(0))) ++steps;
  CHECK(steps == History::maximum_steps);
}

TEST_CASE("A and B are two sounds, each with its own steps", "[plugin]") {
  Plugin plugin;
  auto& processor = plugin.processor;
  plugin.move_by_hand("ratio", 8);
  processor.select_slot(1);
  CHECK(processor.slot() == 1);
  CHECK_FALSE(processor.is_overridden("ratio"));
  CHECK_FALSE(processor.can_undo());
  plugin.move_by_hand("mix", 30);
  processor.select_slot(0);
  CHECK(plugin.value("ratio") == Approx(8));
  CHECK(plugin.value("mix") == 100);
  processor.copy_slot();
  processor.select_slot(1);
  CHECK(plugin.value("ratio") == Approx(8));
  CHECK(plugin.value("mix") == 100);
  CHECK(processor.undo()); // the copy
  CHECK(plugin.value("mix") == Approx(30));
  CHECK_FALSE(processor.is_overridden("ratio"));
}
