// What the program writes about its tools: their pages in docs/tools/ and the table of the README.
#pragma once

#include "optim/cli/tool.h"

#include <filesystem>
#include <string>

namespace raphson::cli {

inline constexpr const char* table_begin = "<!-- tools -->";
inline constexpr const char* table_end = "<!-- /tools -->";

/// Tools, what they do, papers; a tool's name leads to folder/NAME.md.
std::string tool_table_markdown(const std::string& folder);

/// The text with that table, of docs/tools/, between the two lines. Throws InputError where they are missing;
/// `name` stands for the text's file.
std::string with_tool_table(const std::string& text, const std::string& name);

/// NAME.md: what it does, paper, inputs and options, example, and what its demo found, if it has one. `app`
/// is the tool's own; pictures are in the folder NAME/.
std::string tool_page_markdown(const Tool& tool, const CLI::App& app, const report::ToolReport* demo);

/// NAME.md and NAME/ in the folder; pictures of an earlier page go. Throws InputError where it cannot be
/// written.
void write_tool_page(const std::filesystem::path& folder, const Tool& tool, const CLI::App& app,
                     const report::ToolReport* demo);

/// README.md of the folder, which lists all tools.
void write_tool_index(const std::filesystem::path& folder);

} // namespace raphson::cli
