#include "tests/host/lv2_host.h"

#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/patch/patch.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <unordered_map>

namespace raphson::host {
namespace {

constexpr std::size_t atom_buffer_bytes = 1u << 18;

/// URIs by number, for as long as the process lives.
class UridTable {
public:
  LV2_URID map(const char* uri) {
    const auto [entry, fresh] = ids_.try_emplace(uri, static_cast<LV2_URID>(uris_.size() + 1));
    if (fresh) uris_.push_back(uri);
    return entry->second;
  }
  const char* unmap(LV2_URID id) const {
    return id > 0 && id <= uris_.size() ? uris_[id - 1].c_str() : nullptr;
  }

private:
  std::unordered_map<std::string, LV2_URID> ids_;
  std::vector<std::string> uris_;
};

struct World {
  LilvWorld* world = lilv_world_new();
  World() { lilv_world_load_all(world); }
  ~World() { lilv_world_free(world); }
};

World& world() {
  static World instance;
  return instance;
}

struct Node {
  LilvNode* node;
  explicit Node(const char* uri) : node(lilv_new_uri(world().world, uri)) {}
  ~Node() { lilv_node_free(node); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  operator const LilvNode*() const { return node; }
};

int print_log(LV2_Log_Handle, LV2_URID, const char*, ...) { return 0; }
int vprint_log(LV2_Log_Handle, LV2_URID, const char*, va_list) { return 0; }

} // namespace

struct Lv2Host::Implementation {
  struct Port {
    std::string symbol;
    float value = 0;
    std::vector<std::uint8_t> atoms;
    bool is_audio = false, is_input = false, is_control = false, is_atom = false;
  };

  UridTable urids;
  LV2_URID_Map map{this, [](LV2_URID_Map_Handle h, const char* uri) {
                     return static_cast<Implementation*>(h)->urids.map(uri);
                   }};
  LV2_URID_Unmap unmap{this, [](LV2_URID_Unmap_Handle h, LV2_URID id) {
                         return static_cast<Implementation*>(h)->urids.unmap(id);
                       }};
  LV2_Log_Log log{this, print_log, vprint_log};
  LV2_Worker_Schedule schedule{this, [](LV2_Worker_Schedule_Handle h, std::uint32_t size, const void* data) {
                                 return static_cast<Implementation*>(h)->work(size, data);
                               }};
  std::int32_t longest, shortest = 1;
  float rate;
  std::vector<LV2_Options_Option> options;
  std::vector<LV2_Feature> features;
  std::vector<const LV2_Feature*> feature_list;

  const LilvPlugin* plugin = nullptr;
  LilvInstance* instance = nullptr;
  std::vector<Port> ports;
  std::vector<std::uint32_t> inputs, outputs;
  std::vector<std::string> parameters; ///< URIs of patch:writable
  std::vector<std::pair<LV2_URID, float>> pending;
  std::vector<float> silence, scratch;
  LV2_Atom_Forge forge;
  LV2_URID patch_set, patch_property, patch_value;

  Implementation(const std::string& uri, double sample_rate, std::uint32_t maximum_frames)
      : longest(static_cast<std::int32_t>(maximum_frames)), rate(static_cast<float>(sample_rate)),
        silence(maximum_frames, 0.0f), scratch(maximum_frames, 0.0f) {
    offer_features();
    lv2_atom_forge_init(&forge, &map);
    patch_set = urids.map(LV2_PATCH__Set);
    patch_property = urids.map(LV2_PATCH__property);
    patch_value = urids.map(LV2_PATCH__value);
    const Node node(uri.c_str());
    plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world().world), node);
    if (plugin == nullptr) throw NotInstalled("no LV2 plugin " + uri + " is installed");
    instance = lilv_plugin_instantiate(plugin, sample_rate, feature_list.data());
    if (instance == nullptr) throw std::runtime_error("the LV2 plugin " + uri + " cannot be instantiated");
    read_ports();
    read_parameters();
    lilv_instance_activate(instance);
  }

  ~Implementation() {
    if (instance == nullptr) return;
    lilv_instance_deactivate(instance);
    lilv_instance_free(instance);
  }

  void offer_features() {
    const LV2_URID type_int = urids.map(LV2_ATOM__Int), type_float = urids.map(LV2_ATOM__Float);
    const auto option = [&](const char* key, LV2_URID type, const void* value) {
      options.push_back({LV2_OPTIONS_INSTANCE, 0, urids.map(key), 4, type, value});
    };
    option(LV2_BUF_SIZE__minBlockLength, type_int, &shortest);
    option(LV2_BUF_SIZE__maxBlockLength, type_int, &longest);
    option(LV2_BUF_SIZE__nominalBlockLength, type_int, &longest);
    option(LV2_PARAMETERS__sampleRate, type_float, &rate);
    options.push_back({LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, nullptr});
    features = {{LV2_URID__map, &map},
                {LV2_URID__unmap, &unmap},
                {LV2_LOG__log, &log},
                {LV2_OPTIONS__options, options.data()},
                {LV2_WORKER__schedule, &schedule},
                {LV2_BUF_SIZE__boundedBlockLength, nullptr}};
    for (const LV2_Feature& feature : features) feature_list.push_back(&feature);
    feature_list.push_back(nullptr);
  }

  void read_ports() {
    const Node audio(LV2_CORE__AudioPort), control(LV2_CORE__ControlPort), input(LV2_CORE__InputPort),
        atom(LV2_ATOM__AtomPort);
    ports.resize(lilv_plugin_get_num_ports(plugin));
    for (std::uint32_t i = 0; i < ports.size(); ++i) {
      const LilvPort* port = lilv_plugin_get_port_by_index(plugin, i);
      Port& p = ports[i];
      p.symbol = lilv_node_as_string(lilv_port_get_symbol(plugin, port));
      p.is_input = lilv_port_is_a(plugin, port, input);
      p.is_audio = lilv_port_is_a(plugin, port, audio);
      p.is_control = lilv_port_is_a(plugin, port, control);
      p.is_atom = lilv_port_is_a(plugin, port, atom);
      if (p.is_audio) (p.is_input ? inputs : outputs).push_back(i);
      if (p.is_control) {
        LilvNode* initial = nullptr;
        lilv_port_get_range(plugin, port, &initial, nullptr, nullptr);
        if (initial != nullptr) p.value = lilv_node_as_float(initial);
        lilv_node_free(initial);
        lilv_instance_connect_port(instance, i, &p.value);
      } else if (p.is_atom) {
        p.atoms.resize(atom_buffer_bytes);
        lilv_instance_connect_port(instance, i, p.atoms.data());
      } else if (!p.is_audio) {
        lilv_instance_connect_port(instance, i, nullptr);
      }
    }
  }

  void read_parameters() {
    const Node writable(LV2_PATCH__writable);
    LilvNodes* nodes = lilv_plugin_get_value(plugin, writable);
    LILV_FOREACH(nodes, i, nodes) parameters.push_back(lilv_node_as_uri(lilv_nodes_get(nodes, i)));
    lilv_nodes_free(nodes);
  }

  LV2_Worker_Status work(std::uint32_t size, const void* data) {
    const auto* worker = static_cast<const LV2_Worker_Interface*>(
        lilv_instance_get_extension_data(instance, LV2_WORKER__interface));
    if (worker == nullptr) return LV2_WORKER_ERR_UNKNOWN;
    const LV2_Handle handle = lilv_instance_get_handle(instance);
    // At once, in this thread: an offline host may.
    return worker->work(
        handle,
        [](LV2_Worker_Respond_Handle h, std::uint32_t bytes, const void* answer) {
          auto* self = static_cast<Implementation*>(h);
          const auto* w = static_cast<const LV2_Worker_Interface*>(
              lilv_instance_get_extension_data(self->instance, LV2_WORKER__interface));
          return w->work_response(lilv_instance_get_handle(self->instance), bytes, answer);
        },
        this, size, data);
  }

  /// The pending parameters as patch:Set messages, or an empty sequence.
  void fill_atoms(Port& port) {
    lv2_atom_forge_set_buffer(&forge, port.atoms.data(), port.atoms.size());
    LV2_Atom_Forge_Frame sequence, object;
    lv2_atom_forge_sequence_head(&forge, &sequence, 0);
    for (const auto& [property, value] : pending) {
      lv2_atom_forge_frame_time(&forge, 0);
      lv2_atom_forge_object(&forge, &object, 0, patch_set);
      lv2_atom_forge_key(&forge, patch_property);
      lv2_atom_forge_urid(&forge, property);
      lv2_atom_forge_key(&forge, patch_value);
      lv2_atom_forge_float(&forge, value);
      lv2_atom_forge_pop(&forge, &object);
    }
    lv2_atom_forge_pop(&forge, &sequence);
  }

  void prepare_atoms() {
    for (Port& port : ports) {
      if (!port.is_atom) continue;
      if (port.is_input) {
        fill_atoms(port);
      } else {
        auto* atom = reinterpret_cast<LV2_Atom*>(port.atoms.data());
        atom->size = static_cast<std::uint32_t>(port.atoms.size() - sizeof(LV2_Atom));
        atom->type = 0; // a chunk for the plugin to fill
      }
    }
    pending.clear();
  }
};

Lv2Host::Lv2Host(const std::string& uri, double sample_rate, std::uint32_t maximum_frames)
    : host_(std::make_unique<Implementation>(uri, sample_rate, maximum_frames)) {}
Lv2Host::~Lv2Host() = default;
Lv2Host::Lv2Host(Lv2Host&&) noexcept = default;

std::size_t Lv2Host::audio_inputs() const { return host_->inputs.size(); }
std::size_t Lv2Host::audio_outputs() const { return host_->outputs.size(); }

bool Lv2Host::set_control(const std::string& symbol, float value) {
  for (auto& port : host_->ports)
    if (port.is_control && port.symbol == symbol) {
      port.value = value;
      return true;
    }
  return false;
}

float Lv2Host::control(const std::string& symbol) const {
  for (const auto& port : host_->ports)
    if (port.is_control && port.symbol == symbol) return port.value;
  throw std::runtime_error("the plugin has no control port " + symbol);
}

bool Lv2Host::set_parameter(const std::string& name, float value) {
  for (const std::string& uri : host_->parameters)
    if (uri.ends_with("/" + name) || uri.ends_with("#" + name) || uri.ends_with(":" + name)) {
      host_->pending.emplace_back(host_->urids.map(uri.c_str()), value);
      return true;
    }
  return false;
}

void Lv2Host::process(const std::vector<const float*>& in, const std::vector<float*>& out,
                      std::uint32_t frames) {
  Implementation& h = *host_;
  for (std::size_t i = 0; i < h.inputs.size(); ++i)
    lilv_instance_connect_port(h.instance, h.inputs[i],
                               const_cast<float*>(i < in.size() ? in[i] : h.silence.data()));
  for (std::size_t i = 0; i < h.outputs.size(); ++i)
    lilv_instance_connect_port(h.instance, h.outputs[i], i < out.size() ? out[i] : h.scratch.data());
  h.prepare_atoms();
  lilv_instance_run(h.instance, frames);
}

std::string Lv2Host::save_state() const {
  Implementation& h = *host_;
  LilvState* state =
      lilv_state_new_from_instance(h.plugin, h.instance, &h.map, nullptr, nullptr, nullptr, nullptr, nullptr,
                                   nullptr, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE, h.feature_list.data());
  char* text =
      lilv_state_to_string(world().world, &h.map, &h.unmap, state, "urn:raphson:test-state", nullptr);
  std::string turtle = text == nullptr ? "" : text;
  lilv_free(text);
  lilv_state_free(state);
  return turtle;
}

bool Lv2Host::restore_state(const std::string& turtle) {
  Implementation& h = *host_;
  LilvState* state = lilv_state_new_from_string(world().world, &h.map, turtle.c_str());
  if (state == nullptr) return false;
  lilv_state_restore(state, h.instance, nullptr, nullptr, 0, h.feature_list.data());
  lilv_state_free(state);
  return true;
}

} // namespace raphson::host
