// Admission: what the API server checks and completes before an object is stored.
#pragma once

#include "core/embedded/kind_registry.hpp"
#include "core/embedded/object_store.hpp"

namespace gitops::embedded {

/// `object` as a client may send it: a map with a legal identity, its namespace the location's, without status where
/// that is a subresource, without fields only the server writes, Secret stringData turned into data. Error(invalid).
doc::Value cleaned(const doc::Value& object, const Location& location);

/// The namespace of a new object must exist (Error(not_found)) and not be going away (Error(denied)).
void require_namespace(ObjectStore& store, const Location& location);

/// metadata.uid and metadata.resourceVersion of a request, when given, must be the live object's: Error(conflict).
void require_current(const doc::Value& request, const Row& live);

/// Completes and checks a new object that already has its defaults.
void admit_new(const Location& location, doc::Value& object);

/// Completes and checks a change: server-owned metadata and, with a separate status, the status are the live ones';
/// generation grows when the wish changed; immutable fields must not differ. Error(invalid) names the field.
void admit_change(ObjectStore& store, const Location& location, const doc::Value& live, doc::Value& object);

/// "prefix" + five letters, for metadata.generateName.
std::string generated_name(std::string_view prefix, std::int64_t number);

}  // namespace gitops::embedded
