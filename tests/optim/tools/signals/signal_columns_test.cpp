#include "optim/tools/signals/signal_columns.h"

#include "catch.h"
#include "optim/data/audio_file.h"
#include "optim/data/scratch_folder.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

TEST_CASE("Frames and patches: the louder half, silence and small things refused", "[signal-columns]") {
  const ScratchFolder folder;
  data::Audio audio{8000, {std::vector<float>(1000, 0.f)}};
  const auto path = (folder / "a.wav").string();
  data::write_audio(path, audio);
  CHECK_THROWS_WITH(read_signal_columns({path}, {.frame = 64}), Contains("silence"));
  for (std::size_t t = 500; t < 1000; ++t) audio.channels[0][t] = 0.1f + 0.001f * static_cast<float>(t % 7);
  data::write_audio(path, audio);
  const auto frames = read_signal_columns({path}, {.frame = 64});
  CHECK(frames.sample_rate == 8000);
  CHECK(frames.training.rows() == 64);
  CHECK(frames.training.colwise().norm().minCoeff() > 0.5);
  CHECK_THROWS_WITH(read_signal_columns({path}, {.frame = 1001}), Contains("--frame 1001"));
  const auto digits = digit_patches(50, 20, 1);
  CHECK(digits.training.colwise().mean().cwiseAbs().maxCoeff() < 1e-12);
  CHECK(digits.training.colwise().norm().minCoeff() > 8 * 0.15);
}

TEST_CASE("What a file holds is told by its name", "[signal-columns]") {
  CHECK(kind_of("y.npy") == SignalKind::array);
  CHECK(kind_of("t10k-images-idx3-ubyte") == SignalKind::image);
  CHECK(kind_of("mnist-10k-images.idx3.gz") == SignalKind::image);
  CHECK(kind_of("a.png") == SignalKind::image);
  CHECK(kind_of("two.wav") == SignalKind::sound);
}
