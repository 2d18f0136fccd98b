# The schema tables: core/kube/data is turned into C++ arrays by a small program that runs while building.
add_executable(gitops_schema_compiler kube/schema_compiler/main.cpp)
target_link_libraries(gitops_schema_compiler PRIVATE gitops_settings dep_json)

set(schema_tables "${CMAKE_CURRENT_BINARY_DIR}/schema_tables.cpp")
set(schema_data "${CMAKE_CURRENT_SOURCE_DIR}/kube/data")
add_custom_command(
  OUTPUT "${schema_tables}"
  COMMAND gitops_schema_compiler "${schema_data}/kubernetes-schema.json" "${schema_data}/kustomize-schema-1.21.json" "${schema_tables}"
  DEPENDS gitops_schema_compiler "${schema_data}/kubernetes-schema.json" "${schema_data}/kustomize-schema-1.21.json"
  COMMENT "Compiling the Kubernetes schema"
  VERBATIM)
target_sources(gitops_kube PRIVATE "${schema_tables}")
