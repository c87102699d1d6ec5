#include "plugin/editor/learn_view.h"

#include "dsp/model/model_file.h"
#include "plugin/editor/palette.h"
#include "plugin/editor/paths.h"

#include <cmath>

namespace raphson::plugin {
namespace {

constexpr const char* models[] = {"compressor", "compressor+eq", "eq+compressor"};
constexpr const char* audio_wildcard = "*.wav;*.wave;*.aif;*.aiff;*.flac;*.ogg";

juce::String phase_name(const std::string& phase) {
  if (phase == "read") return "Reading the recordings";
  if (phase == "resample") return "Resampling";
  if (phase == "align") return "Aligning dry and wet";
  if (phase == "start") return "Looking for where to start";
  if (phase == "fit") return "Fitting";
  if (phase == "finish") return "How sure it is";
  if (phase == "listen") return "Rendering the clone";
  return juce::String(phase);
}

} // namespace

LearnView::LearnView(Processor& processor, MessageLine& messages)
    : processor_(processor), messages_(messages) {
  setTitle("Learn");
  model_.choose(0);
  listen_.choose(0);
  dry_.onClick = [this] { choose(Role::dry); };
  wet_.onClick = [this] { choose(Role::wet); };
  swap_.onClick = [this] { show_recordings({wet_.file(), dry_.file()}); };
  start_.onClick = [this] {
    if (state_ == LearnJob::State::running)
      processor_.learn().cancel();
    else
      start();
  };
  listen_.on_choice = [this](int source) {
    processor_.audition().play(static_cast<Audition::Source>(source));
  };
  keep_.getProperties().set(primary_property, true);
  keep_.setTooltip("The clone becomes this plugin's model; undo brings back the old one");
  keep_.onClick = [this] { keep(); };
  save_.setTooltip("Writes the clone as a model file, *.raphson.json");
  save_.onClick = [this] { save(); };
  for (int i = 0; i < listen_.size(); ++i)
    listen_.button(i).setTooltip("Plays the loudest part of the recordings in place of the plugin's output");
  for (int i = 0; i < model_.size(); ++i)
    model_.button(i).setTooltip(
        "What to fit: a compressor alone, or an equaliser behind or in front of it as well");
  for (juce::Component* c : std::initializer_list<juce::Component*>{
           &dry_, &wet_, &swap_, &model_, &start_, &plot_, &result_, &listen_, &keep_, &save_})
    addAndMakeVisible(c);
  state_ = processor_.learn().state();
  if (const auto result = processor_.learn().result()) result_.show(result), show_trace(*result);
  show_state();
}

LearnView::~LearnView() { processor_.audition().play(Audition::Source::live); }

void LearnView::visibilityChanged() {
  if (isVisible()) return; // heard only where it can be seen
  listen_.choose(0);
  processor_.audition().play(Audition::Source::live);
}

std::optional<Role> LearnView::role_at(juce::Point<int> where) const {
  if (dry_.getBounds().contains(where)) return Role::dry;
  if (wet_.getBounds().contains(where)) return Role::wet;
  return {};
}

void LearnView::drag_over(std::optional<juce::Point<int>> where) {
  const auto role = where ? role_at(*where) : std::nullopt;
  dry_.set_inviting(where && role != Role::wet);
  wet_.set_inviting(where && role != Role::dry);
}

void LearnView::drop(const juce::StringArray& paths, std::optional<juce::Point<int>> where) {
  drag_over({});
  juce::Array<juce::File> files;
  for (const auto& path : paths)
    if (is_audio_file(path)) files.add(juce::File(path));
  if (files.isEmpty() || files.size() > 2)
    return messages_.show_error(
        "Drop one or two recordings (WAV, AIFF, FLAC or OGG), not "
        + (files.isEmpty() ? juce::File(paths[0]).getFileName() : juce::String(files.size())));
  show_recordings(assign({dry_.file(), wet_.file()}, files, where ? role_at(*where) : std::nullopt));
}

void LearnView::show_recordings(const Recordings& recordings) {
  dry_.show(recordings.dry);
  wet_.show(recordings.wet);
  show_state();
}

void LearnView::choose(Role role) {
  chooser_ = std::make_unique<juce::FileChooser>(
      role == Role::dry ? "The dry recording" : "The wet recording", juce::File(), audio_wildcard);
  chooser_->launchAsync(juce::FileBrowserComponent::openMode | juce::FileBrowserComponent::canSelectFiles,
                        [this, role](const juce::FileChooser& chooser) {
                          if (const auto file = chooser.getResult(); file != juce::File())
                            show_recordings(assign({dry_.file(), wet_.file()}, {file}, role));
                        });
}

void LearnView::start() {
  messages_.dismiss();
  processor_.audition().play(Audition::Source::live);
  listen_.choose(0);
  optim::match::MatchOptions options;
  options.model = models[model_.chosen()];
  processor_.learn().start(path_of(dry_.file()), path_of(wet_.file()), options);
  state_ = LearnJob::State::running;
  progress_ = {};
  plot_.show({}, {});
  result_.show(nullptr);
  show_state();
}

void LearnView::refresh() {
  for (RecordingWell* well : {&dry_, &wet_})
    if (const auto error = well->refresh()) messages_.show_error(*error), show_state();
  const auto state = processor_.learn().state();
  if (state == LearnJob::State::running || state != state_) {
    progress_ = processor_.learn().progress();
    plot_.show("ESR by step, fits in turn", progress_.esr_trace);
    repaint(progress_area_);
  }
  if (state == state_) return;
  state_ = state;
  if (state == LearnJob::State::failed)
    messages_.show_error(juce::String::fromUTF8(processor_.learn().error().c_str()));
  if (state == LearnJob::State::done) finish();
  show_state();
}

void LearnView::finish() {
  const auto result = processor_.learn().result();
  result_.show(result);
  show_trace(*result);
  processor_.audition().load(result->excerpt);
}

void LearnView::show_trace(const LearnResult& result) {
  std::vector<double> trace;
  for (const auto& step : result.match.trace) trace.push_back(step.esr);
  plot_.show("ESR by step of the best fit", trace);
}

void LearnView::keep() {
  if (const auto result = processor_.learn().result())
    if (try_or_show(messages_, [&] { processor_.adopt_model(result->model); }) && on_keep) on_keep();
}

void LearnView::save() {
  const auto result = processor_.learn().result();
  if (!result) return;
  chooser_ = choose_model_to_save(juce::String::fromUTF8(result->model.name.c_str()),
                                  [this, result](const auto& path) {
                                    try_or_show(messages_, [&] { dsp::write_model(path, result->model); });
                                  });
}

void LearnView::show_state() {
  const bool running = state_ == LearnJob::State::running, done = state_ == LearnJob::State::done;
  const bool ready = dry_.file() != juce::File() && wet_.file() != juce::File();
  for (juce::Component* c : std::initializer_list<juce::Component*>{&dry_, &wet_, &model_})
    c->setEnabled(!running);
  swap_.setEnabled(!running && (dry_.file() != juce::File() || wet_.file() != juce::File()));
  start_.setButtonText(running ? "Cancel" : "Learn");
  if (ready && !running && !done)
    start_.getProperties().set(primary_property, true);
  else
    start_.getProperties().remove(primary_property);

  start_.setEnabled(running || ready);
  start_.setTooltip(running ? "Ends the fit" : ready ? "Fits the model" : "Needs a dry and a wet recording");
  for (juce::Component* c : std::initializer_list<juce::Component*>{&listen_, &keep_, &save_})
    c->setEnabled(done);
  repaint();
}

void LearnView::paint_progress(juce::Graphics& g, juce::Rectangle<float> area) const {
  auto line = area.removeFromTop(20);
  g.setFont(type::font(type::Size::body, type::Weight::strong));
  g.setColour(palette::text);
  const bool running = state_ == LearnJob::State::running;
  const bool known = running && std::isfinite(progress_.esr) && progress_.esr > 0;
  const juce::String text = running                             ? phase_name(progress_.phase)
                            : state_ == LearnJob::State::done   ? juce::String("Learnt")
                            : state_ == LearnJob::State::failed ? juce::String("It did not work out")
                            : state_ == LearnJob::State::cancelled
                                ? juce::String("Cancelled")
                                : juce::String("Ready when both recordings are here");
  if (known) type::draw(g, "ESR " + juce::String(progress_.esr, 4), line, juce::Justification::centredRight);
  type::draw(g, text, line, juce::Justification::centredLeft);
  const auto bar = area.withTrimmedTop(6).withHeight(6);
  g.setColour(palette::well);
  g.fillRoundedRectangle(bar, 3);
  const double fraction = state_ == LearnJob::State::done ? 1
                          : running                       ? std::clamp(progress_.fraction, 0.0, 1.0)
                                                          : 0;
  g.setColour(palette::accent);
  if (fraction > 0)
    g.fillRoundedRectangle(bar.withWidth(std::max(6.0f, bar.getWidth() * static_cast<float>(fraction))), 3);
}

void LearnView::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  auto left = getLocalBounds().toFloat().reduced(2 * grid_px);
  g.setFont(type::font(type::Size::title, type::Weight::strong));
  g.setColour(palette::text);
  type::draw(g, "Learn a unit", left.removeFromTop(24), juce::Justification::centredLeft);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(g, "Two recordings: the same music before and after it.", left.removeFromTop(20),
             juce::Justification::centredLeft);
  type::draw(g, "Listen in place", listen_label_.toFloat(), juce::Justification::centredLeft);
  g.setColour(palette::line);
  g.fillRect(juce::Rectangle<int>(plot_.getX() - 2 * grid_px, 2 * grid_px, 1, getHeight() - 4 * grid_px));
  paint_progress(g, progress_area_.toFloat());
}

void LearnView::resized() {
  auto area = getLocalBounds().reduced(2 * grid_px);
  auto left = area.removeFromLeft(312);
  left.removeFromTop(52);
  start_.setBounds(left.removeFromBottom(40));
  left.removeFromBottom(2 * grid_px);
  model_.setBounds(left.removeFromBottom(32));
  left.removeFromBottom(2 * grid_px);
  const int height = (left.getHeight() - 36) / 2;
  dry_.setBounds(left.removeFromTop(height));
  swap_.setBounds(left.removeFromTop(36).withSizeKeepingCentre(32, 28));
  wet_.setBounds(left);

  area.removeFromLeft(4 * grid_px);
  progress_area_ = area.removeFromTop(40);
  auto foot = area.removeFromBottom(40 + 20);
  listen_label_ = foot.removeFromTop(20).withTrimmedBottom(4);
  listen_.setBounds(foot);
  area.removeFromBottom(grid_px);
  auto found = area.removeFromRight(256).withTrimmedTop(grid_px);
  auto buttons = found.removeFromBottom(32);
  keep_.setBounds(buttons.removeFromLeft(124));
  save_.setBounds(buttons.removeFromRight(124));
  found.removeFromBottom(grid_px);
  result_.setBounds(found);
  plot_.setBounds(area.withTrimmedRight(2 * grid_px).withTrimmedTop(grid_px));
}

} // namespace raphson::plugin
