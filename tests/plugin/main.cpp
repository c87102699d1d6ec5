#define CATCH_CONFIG_RUNNER
#include "catch.h"

#include <juce_events/juce_events.h>

int main(int argc, char** argv) {
  const juce::ScopedJuceInitialiser_GUI message_thread; // this one
  return Catch::Session().run(argc, argv);
}
