#include "plugin/editor/recording_roles.h"
#include "tests/catch.h"

using namespace raphson::plugin;
using juce::File;

TEST_CASE("A recording's name says whether it is dry or wet") {
  for (const char* name : {"la2a-dry.flac", "Vox BEFORE.wav", "bass_in.wav", "input 3.aiff"}) {
    CAPTURE(name);
    CHECK(role_by_name(name) == Role::dry);
  }
  for (const char* name : {"la2a-wet.flac", "after.wav", "Drums_Out.wav", "vox processed.ogg"}) {
    CAPTURE(name);
    CHECK(role_by_name(name) == Role::wet);
  }
  for (const char* name : {"music.wav", "dry-wet.wav", "drying.wav", "wetter.wav", "inside.dry"}) {
    CAPTURE(name);
    CHECK_FALSE(role_by_name(name).has_value());
  }
}

TEST_CASE("Dropped recordings go where they belong") {
  const File dry("/x/a-dry.wav"), wet("/x/a-wet.wav"), one("/x/one.wav"), two("/x/two.wav");
  const auto is = [](const Recordings& r, const File& d, const File& w) { return r.dry == d && r.wet == w; };
  CHECK(is(assign({}, {dry, wet}), dry, wet));
  CHECK(is(assign({}, {wet, dry}), dry, wet));
  CHECK(is(assign({}, {one, wet}), one, wet));
  CHECK(is(assign({}, {one, dry}), dry, one));
  CHECK(is(assign({}, {one, two}), one, two));
  CHECK(is(assign({}, {wet}), {}, wet));
  CHECK(is(assign(assign({}, {one}), {two}), one, two));
  CHECK(is(assign({one, two}, {dry, wet}), dry, wet));
  CHECK(is(assign({}, {wet}, Role::dry), wet, {})); // where the hand puts it counts more than its name
  CHECK(is(assign({dry, wet}, {one}, Role::wet), dry, one));
}
