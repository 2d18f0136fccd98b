#include "core/io/lua.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <lua.hpp>
#include <memory>

#include "core/io/lua_goto.hpp"
#include "core/io/lua_run.hpp"

namespace gitops::io {

namespace {

constexpr int k_steps_between_looks = 1000;
constexpr std::size_t k_bytes_a_step = 256;  ///< so many are about as much work as an instruction

/// What the protected function is to do; no object in it is made or destroyed while Lua runs.
struct Job {
    std::string_view script;
    const char* name;
    std::span<const LuaNode> object;
    std::span<const std::string_view> wanted;
    LuaAnswer& answer;
};

void* allocate(void* user, void* block, std::size_t before, std::size_t after) {
    auto& run = *static_cast<LuaRun*>(user);
    if (after == 0) {
        run.bytes -= before;
        std::free(block);
        return nullptr;
    }
    // Copying long texts is work no hook sees; that it fails in the end makes it no less.
    if (after > before) run.steps += (after - before) / k_bytes_a_step;
    if (after > before && after - before > run.limits.bytes - run.bytes) return nullptr;
    void* moved = std::realloc(block, after);
    if (moved == nullptr) return after <= before ? block : nullptr;
    run.bytes += after - before;
    return moved;
}

void look(lua_State* state, lua_Debug*) {
    // When a script was stopped, the count is 1: each further instruction of it ends here.
    lua_spend(state, lua_run_of(state).stopped ? 1 : k_steps_between_looks);
}

std::size_t push_node(lua_State* state, std::span<const LuaNode> nodes, std::size_t index, int depth) {
    luaL_checkstack(state, 4, "the object is nested too deeply");
    if (depth > k_max_lua_depth) luaL_error(state, "the object is nested too deeply");
    const LuaNode& node = nodes[index++];
    switch (node.kind) {
        case LuaNode::Kind::flag: lua_pushboolean(state, node.number != 0 ? 1 : 0); return index;
        case LuaNode::Kind::number: lua_pushnumber(state, node.number); return index;
        case LuaNode::Kind::text: lua_pushlstring(state, node.text.data(), node.text.size()); return index;
        case LuaNode::Kind::list: lua_createtable(state, static_cast<int>(node.children), 0); break;
        case LuaNode::Kind::map: lua_createtable(state, 0, static_cast<int>(node.children)); break;
    }
    for (std::uint32_t i = 0; i < node.children && index < nodes.size(); ++i) {
        const auto key = nodes[index].key;
        if (node.kind == LuaNode::Kind::map) lua_pushlstring(state, key.data(), key.size());
        index = push_node(state, nodes, index, depth + 1);
        if (node.kind == LuaNode::Kind::map) lua_rawset(state, -3);
        else lua_rawseti(state, -2, static_cast<int>(i + 1));
    }
    return index;
}

/// Copies into room that is there already: making room could throw, and nothing may be thrown through Lua.
void keep(std::string& room, const char* text, std::size_t length) {
    length = std::min(length, room.capacity());
    while (length > 0 && length == room.capacity() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    room.assign(text, length);
}

void read_answer(lua_State* state, Job& job) {
    const int type = lua_type(state, -1);
    if (type == LUA_TNIL || type == LUA_TNONE) return;
    job.answer.kind = type == LUA_TTABLE ? LuaAnswer::Kind::fields : LuaAnswer::Kind::other;
    if (type != LUA_TTABLE) {
        const std::string_view name = lua_typename(state, type);
        return keep(job.answer.text, name.data(), name.size());
    }
    for (std::size_t i = 0; i < job.wanted.size(); ++i) {
        lua_pushlstring(state, job.wanted[i].data(), job.wanted[i].size());
        lua_rawget(state, -2);
        std::size_t length = 0;
        if (lua_isstring(state, -1) != 0) {
            const char* text = lua_tolstring(state, -1, &length);
            keep(job.answer.fields[i], text, length);
        }
        lua_pop(state, 1);
    }
}

/// Everything that may fail; lua_cpcall() catches what is raised here.
int run_job(lua_State* state) {
    auto& job = *static_cast<Job*>(lua_touserdata(state, 1));
    lua_settop(state, 0);
    lua_open_box(state);
    if (!job.object.empty()) {
        push_node(state, job.object, 0, 1);
        lua_setglobal(state, "obj");
    }
    if (job.script.starts_with(LUA_SIGNATURE[0])) return luaL_error(state, "%s: it is compiled code, not text", job.name + 1);
    if (luaL_loadbuffer(state, job.script.data(), job.script.size(), job.name) != 0) return lua_error(state);
    lua_sethook(state, look, LUA_MASKCOUNT, k_steps_between_looks);
    lua_call(state, 0, 1);
    read_answer(state, job);
    return 0;
}

std::string failure(lua_State* state, int outcome, const LuaRun& run) {
    if (run.stopped) return fmt::format("it was stopped: it takes longer than {}", base::format_duration(run.limits.time));
    if (outcome == LUA_ERRMEM) return fmt::format("it was stopped: it needs more than {} MiB", run.limits.bytes >> 20);
    if (lua_type(state, -1) != LUA_TSTRING) return fmt::format("it ended with an error that is a {}", luaL_typename(state, -1));
    std::size_t length = 0;
    const char* text = lua_tolstring(state, -1, &length);
    return std::string(text, std::min(length, k_max_lua_text));
}

struct CloseState {
    void operator()(lua_State* state) const { lua_close(state); }
};

}  // namespace

LuaRun& lua_run_of(lua_State* state) {
    void* user = nullptr;
    lua_getallocf(state, &user);
    return *static_cast<LuaRun*>(user);
}

void lua_spend(lua_State* state, std::uint64_t steps) {
    auto& run = lua_run_of(state);
    const auto before = run.steps / k_steps_between_looks;
    run.steps += steps;
    if (!run.stopped && run.steps / k_steps_between_looks == before) return;
    if (!run.stopped && run.steps < run.limits.steps && run.clock.now() - run.begin < run.limits.time) return;
    run.stopped = true;
    lua_sethook(state, look, LUA_MASKCOUNT, 1);
    luaL_error(state, "too long");
}

LuaAnswer run_lua(std::string_view script, const std::string& name, std::span<const LuaNode> object,
                  std::span<const std::string_view> wanted, const base::Clock& clock, const LuaLimits& limits) {
    LuaAnswer answer;
    answer.text.reserve(k_max_lua_text);
    answer.fields.resize(wanted.size());
    for (auto& field : answer.fields) field.reserve(k_max_lua_text);
    LuaRun run{clock, limits, clock.now()};
    const std::unique_ptr<lua_State, CloseState> state(lua_newstate(allocate, &run));
    if (!state) return {LuaAnswer::Kind::failed, {}, "there is no memory for it"};
    const std::string chunk = "=" + name;
    const std::string plain = lua_without_goto(script);
    Job job{plain, chunk.c_str(), object, wanted, answer};
    if (const int outcome = lua_cpcall(state.get(), run_job, &job); outcome != 0)
        return {LuaAnswer::Kind::failed, {}, failure(state.get(), outcome, run)};
    return answer;
}

}  // namespace gitops::io
