// What JUCE's wrappers of each format call for an instance.
#include "plugin/processor.h"

juce::AudioProcessor* JUCE_CALLTYPE createPluginFilter();

juce::AudioProcessor* JUCE_CALLTYPE createPluginFilter() { return new raphson::plugin::Processor; }
