#include "plugin/editor/main_window.h"

#include "plugin/editor/editor.h"
#include "plugin/editor/palette.h"
#include "plugin/editor/paths.h"

namespace raphson::plugin {

MainWindow::MainWindow(Processor& owner)
    : AudioProcessorEditor(owner), processor_(owner), content_(owner), pictures_(this, [this] {
        const double now = juce::Time::getMillisecondCounterHiRes();
        const double elapsed_s = last_picture_ms_ > 0 ? (now - last_picture_ms_) / 1000 : 0;
        last_picture_ms_ = now;
        content_.advance(std::min(elapsed_s, 0.25));
      }) {
  setLookAndFeel(&look_);
  addAndMakeVisible(content_);
  setOpaque(true);
  setTitle("Raphson");
  constexpr int w = WindowContent::width, h = WindowContent::height;
  const auto kept = owner.window_size(); // before setResizable, which may resize
  setResizable(true, true);
  setResizeLimits(w * 3 / 4, h * 3 / 4, w * 2, h * 2);
  getConstrainer()->setFixedAspectRatio(double(w) / h);
  const int width = kept.x > 0 ? std::clamp(kept.x, w * 3 / 4, w * 2) : w;
  setSize(width, juce::roundToInt(double(width) * h / w));
}

MainWindow::~MainWindow() {
  juce::PopupMenu::dismissAllActiveMenus(); // one may be drawn by look_
  setLookAndFeel(nullptr);
}

void MainWindow::paint(juce::Graphics& g) { g.fillAll(palette::window); }

void MainWindow::resized() {
  const float scale = std::min(static_cast<float>(getWidth()) / WindowContent::width,
                               static_cast<float>(getHeight()) / WindowContent::height);
  content_.setTransform(juce::AffineTransform::scale(scale));
  content_.setBounds(0, 0, WindowContent::width, WindowContent::height);
  processor_.set_window_size(getWidth(), getHeight());
}

bool MainWindow::isInterestedInFileDrag(const juce::StringArray& files) {
  for (const auto& file : files)
    if (is_audio_file(file) || is_model_file(file)) return true;
  return false;
}

juce::Point<int> MainWindow::in_learn_view(int x, int y) {
  return content_.learn_view().getLocalPoint(this, juce::Point<int>(x, y));
}

void MainWindow::fileDragEnter(const juce::StringArray& files, int x, int y) { fileDragMove(files, x, y); }

void MainWindow::fileDragMove(const juce::StringArray& files, int x, int y) {
  if (is_model_file(files[0])) return;
  if (content_.view() != WindowContent::View::learn) content_.show(WindowContent::View::learn);
  content_.learn_view().drag_over(in_learn_view(x, y));
}

void MainWindow::fileDragExit(const juce::StringArray&) { content_.learn_view().drag_over({}); }

void MainWindow::filesDropped(const juce::StringArray& files, int x, int y) {
  if (is_model_file(files[0])) return content_.load_model(path_of(juce::File(files[0])));
  content_.show(WindowContent::View::learn);
  content_.learn_view().drop(files, in_learn_view(x, y));
}

std::unique_ptr<juce::AudioProcessorEditor> create_editor(Processor& processor) {
  return std::make_unique<MainWindow>(processor);
}

} // namespace raphson::plugin
