#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "engine/io/checksum.hpp"
#include "engine/io/npy.hpp"
#include "engine/io/safetensors.hpp"
#include "tests/testing/scratch.hpp"
#include "tests/testing/state.hpp"

namespace engram::io {
namespace {

using test::Scratch;

TEST(ReplaceFile, replaces_and_leaves_nothing_else) {
  const Scratch folder;
  replace_file(folder / "a", "one");
  replace_file(folder / "a", "two");
  EXPECT_EQ(test::slurp(folder / "a"), "two");
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"a"});
}

TEST(ReplaceFile, an_unfinished_replacement_leaves_the_old_file) {
  const Scratch folder;
  replace_file(folder / "a", "one");
  {
    Replacement file(folder / "a");
    file.write("half", 4);
  }
  EXPECT_EQ(test::slurp(folder / "a"), "one");
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"a"});
}

TEST(ReplaceFile, refuses_links_pipes_folders_and_missing_folders) {
  const Scratch folder;
  test::spit(folder / "target", "kept");
  fs::create_symlink("target", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory(folder / "folder");
  for (const char* name : {"link", "dangling", "pipe", "folder", "missing/file", "target/file"}) {
    try {
      replace_file(folder / name, "new");
      ADD_FAILURE() << name << " was replaced";
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(test::slurp(folder / "target"), "kept");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_EQ(folder.entries().size(), 5u);
}

TEST(ReadFile, refuses_pipes_without_waiting_and_files_too_large) {
  const Scratch folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  test::spit(folder / "large", "12345");
  EXPECT_THROW(read_file(folder / "pipe", 100), IoError);
  EXPECT_THROW(read_file(folder / "large", 4), IoError);
  EXPECT_THROW(read_file(folder / "none", 4), IoError);
}

TEST(Checksum, of_a_file_covers_every_byte_of_it) {
  const Scratch folder;
  std::string content((std::size_t{2} << 20) + 7, 'x');
  const auto of_file = [&] {
    test::spit(folder / "a", content);
    return checksum_of_file(open_regular(folder / "a"));
  };
  EXPECT_EQ(of_file(), checksum(content.data(), content.size()));
  const std::string before = of_file();
  for (const std::size_t at : {std::size_t{0}, std::size_t{4096}, (std::size_t{1} << 20) - 1, content.size() - 1}) {
    content[at] ^= 1;
    EXPECT_NE(of_file(), before) << at;
    content[at] ^= 1;
  }
}

TEST(Npy, gives_back_what_was_written) {
  const Scratch folder;
  const std::vector<float> values{0.5f, -1, 3e38f, 0, 2, 7};
  const std::uint64_t shape[] = {2, 3};
  write_npy(folder / "a.npy", npy_type<float>(), shape, values.data());
  const NpyArray array = read_npy(folder / "a.npy");
  EXPECT_EQ(array.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(array.as<float>(), values);
  EXPECT_THROW(array.as<double>(), IoError);
  EXPECT_EQ(test::slurp(folder / "a.npy").size(), 128u + 24);
}

TEST(Npy, every_truncation_and_wrong_header_is_refused) {
  const Scratch folder;
  const std::vector<std::uint32_t> values{1, 2, 3};
  const std::uint64_t shape[] = {3};
  write_npy(folder / "a.npy", npy_type<std::uint32_t>(), shape, values.data());
  const std::string good = test::slurp(folder / "a.npy");
  for (std::size_t length = 0; length < good.size(); ++length) {
    test::spit(folder / "b.npy", good.substr(0, length));
    EXPECT_THROW(read_npy(folder / "b.npy"), IoError) << length;
  }
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"<u4", ">u4"},
                                                                                 {"<u4", "|O4"},
                                                                                 {"<u4", "<u3"},
                                                                                 {"False", "True "},
                                                                                 {"(3,)", "(4,)"},
                                                                                 {"(3,)", "(-3)"},
                                                                                 {"(3,)", "(3,,"},
                                                                                 {"shape", "shake"},
                                                                                 {"'descr'", "'shape'"},
                                                                                 {"}", " "},
                                                                                 {"NUMPY\x01", "NUMPY\x09"}}) {
    std::string bad = good;
    ASSERT_NE(bad.find(from), std::string::npos) << from;
    bad.replace(bad.find(from), from.size(), to);
    test::spit(folder / "b.npy", bad);
    EXPECT_THROW(read_npy(folder / "b.npy"), IoError) << from << " -> " << to;
  }
  // A shape whose product overflows to the right size.
  std::string bad = good;
  bad.replace(bad.find("(3,), }" + std::string(30, ' ')), 37, "(4611686018427387904, 4), }" + std::string(10, ' '));
  test::spit(folder / "b.npy", bad);
  EXPECT_THROW(read_npy(folder / "b.npy"), IoError);
  // No kind and no size, of no values.
  const std::uint64_t none[] = {0};
  write_npy(folder / "b.npy", npy_type<std::uint32_t>(), none, nullptr);
  bad = test::slurp(folder / "b.npy");
  EXPECT_EQ(read_npy(folder / "b.npy").bytes, "");
  bad.replace(bad.find("<u4"), 3, std::string("<\0\0", 3));
  test::spit(folder / "b.npy", bad);
  EXPECT_THROW(read_npy(folder / "b.npy"), IoError);
}

std::string saved(const Scratch& folder) {
  test::write_safetensors(folder / "s",
                          {{{"w", "F32", {2, 3}}, std::string(24, 'w')},
                           {{"n", "U64", {2}}, std::string(16, 'n')},
                           {{"none", "I64", {0}}, ""}},
                          {{"tick", "12"}, {"state x", "{\"a\":1}"}});
  return test::slurp(folder / "s");
}

/// Everything a reader can get out of the file, or "refused".
std::string read_all(const fs::path& path) {
  try {
    const SafetensorsFile file(path);
    std::string all;
    for (const auto& [key, value] : file.metadata()) all += key + "=" + value + ";";
    for (const std::string& name : file.names()) {
      const Tensor tensor = file.read(name);
      all += name + ":" + tensor.type + ":";
      for (const auto extent : tensor.shape) all += std::to_string(extent) + ",";
      all += tensor.bytes + ";";
    }
    return all;
  } catch (const IoError&) {
    return "refused";
  }
}

TEST(Safetensors, is_written_in_pieces_of_any_size_and_whole_or_not_at_all) {
  const Scratch folder;
  const std::string at_once = saved(folder), all = std::string(24, 'w') + std::string(16, 'n');
  const std::vector<TensorLayout> layouts{{"w", "F32", {2, 3}}, {"n", "U64", {2}}, {"none", "I64", {0}}};
  for (std::size_t piece = 1; piece <= all.size(); ++piece) {
    Replacement file(folder / "pieces");
    SafetensorsWriter writer(file, layouts, {{"tick", "12"}, {"state x", "{\"a\":1}"}});
    for (std::size_t at = 0; at < all.size(); at += piece)
      writer.write(all.data() + at, std::min(piece, all.size() - at));
    writer.commit();
    EXPECT_EQ(test::slurp(folder / "pieces"), at_once) << piece;
  }
  {
    Replacement file(folder / "wrong");
    SafetensorsWriter writer(file, layouts, {});
    writer.write(all.data(), all.size() - 1);
    EXPECT_THROW(writer.commit(), Error);
    EXPECT_THROW(writer.write("nn", 2), Error);
  }
  EXPECT_EQ(folder.entries(), (std::vector<std::string>{"pieces", "s"}));
}

TEST(Safetensors, gives_back_what_was_written) {
  const Scratch folder;
  saved(folder);
  EXPECT_EQ(read_all(folder / "s"), "state x={\"a\":1};tick=12;n:U64:2," + std::string(16, 'n') +
                                        ";none:I64:0,;w:F32:2,3," + std::string(24, 'w') + ";");
}

TEST(Safetensors, every_bit_flip_and_truncation_is_refused) {
  const Scratch folder;
  const std::string good = saved(folder);
  const fs::path damaged = folder / "d";
  int accepted = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    test::spit(damaged, bad);
    accepted += read_all(damaged) != "refused";
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    test::spit(damaged, good.substr(0, length));
    accepted += read_all(damaged) != "refused";
  }
  test::spit(damaged, good + "x");
  accepted += read_all(damaged) != "refused";
  EXPECT_EQ(accepted, 0);
}

TEST(Safetensors, random_splices_are_refused_or_change_nothing) {
  const Scratch folder;
  const std::string good = saved(folder);
  test::spit(folder / "good", good);
  const std::string expected = read_all(folder / "good");
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    const std::size_t from = below(good.size()), to = below(good.size()), length = 1 + below(40);
    if (i % 3 == 0)
      bad.erase(from, length);
    else if (i % 3 == 1)
      bad.insert(to, good.substr(from, length));
    else
      bad.replace(to, length, good.substr(from, length));
    test::spit(folder / "d", bad);
    const std::string got = read_all(folder / "d");
    ASSERT_TRUE(got == "refused" || (bad == good && got == expected)) << i;
  }
}

TEST(Safetensors, a_well_sealed_but_lying_header_is_refused) {
  const Scratch folder;
  const auto sealed = [&](std::string header, const std::string& data) {
    const std::string lead = "\"xxh3 header\":\"";
    const std::string hash = checksum(header.data(), header.size());
    header.replace(header.find(lead) + lead.size(), 16, hash);
    const std::uint64_t length = header.size();
    std::string file(reinterpret_cast<const char*>(&length), 8);
    test::spit(folder / "d", file + header + data);
    return read_all(folder / "d");
  };
  const std::string eight(8, 'x');
  const auto header = [&](const std::string& tensor) {
    return R"({"__metadata__":{"xxh3 header":"0000000000000000","xxh3 w":")" + checksum(eight.data(), 8) +
           R"("},"w":)" + tensor + "}";
  };
  EXPECT_NE(sealed(header(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})"), eight), "refused");
  for (const char* tensor :
       {R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})", R"({"dtype":"F32","shape":[2],"data_offsets":[8,16]})",
        R"({"dtype":"F32","shape":[2],"data_offsets":[0,16]})", R"({"dtype":"F16","shape":[2],"data_offsets":[0,8]})",
        R"({"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]})",
        R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", R"({"dtype":"F32","shape":"2","data_offsets":[0,8]})",
        R"({"dtype":"F32","shape":[2]})", R"([1,2])", "null", R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"})
    EXPECT_EQ(sealed(header(tensor), eight), "refused") << tensor;
  // Behind a hole, and one over the other: all sizes are right.
  EXPECT_EQ(sealed(header(R"({"dtype":"F32","shape":[2],"data_offsets":[8,16]})"), eight + eight), "refused");
  const std::string hash = checksum(eight.data(), 8);
  const auto two = [&](const std::string& second) {
    return R"({"__metadata__":{"xxh3 header":"0000000000000000","xxh3 v":")" + hash + R"(","xxh3 w":")" + hash +
           R"("},"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":)" +
           second + "}}";
  };
  EXPECT_NE(sealed(two("[8,16]"), eight + eight), "refused");
  EXPECT_EQ(sealed(two("[4,12]"), eight + "xxxx"), "refused");
}

}  // namespace
}  // namespace engram::io
