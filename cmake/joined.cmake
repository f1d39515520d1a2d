# Joined compilations (CMAKE_UNITY_BUILD, which the presets of ./run set) save the time that each file takes for the headers
# of the standard library and of JSON. Files of one folder go together, eight at a time: what they call the same in their
# unnamed namespaces should be said once anyway.
function(engram_join target)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    string(MD5 key "${folder}")
    math(EXPR files_${key} "0${files_${key}} + 1")
    math(EXPR part "(${files_${key}} - 1) / 8")
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder}/x)
    string(MAKE_C_IDENTIFIER "${folder}${part}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()
