#include "training/data/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace privet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() : folder_(fs::temp_directory_path() / ("output_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "folder");
    Put("in.jsonl", "mine");
  }
  ~OutputFileTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  void Put(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name)) << content;
  }
  std::string Content(const std::string& name) const {
    std::ifstream in(Path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (!entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Of files in the folder.
  std::string Fault(std::vector<std::string> inputs, std::vector<std::string> outputs) const {
    for (std::vector<std::string>* names : {&inputs, &outputs}) {
      for (std::string& name : *names) name = Path(name);
    }
    return std::string(CheckFiles(inputs, outputs).message());
  }

  fs::path folder_;
};

TEST_F(OutputFileTest, WhatIsReadIsNotWritten) {
  fs::create_symlink("in.jsonl", Path("link"));
  fs::create_hard_link(Path("in.jsonl"), Path("name"));
  Put("all.jsonl.partial", "left by a run that was stopped");
  EXPECT_THAT(Fault({"in.jsonl"}, {"in.jsonl"}), HasSubstr("in.jsonl: is read, and would be overwritten"));
  EXPECT_THAT(Fault({"in.jsonl"}, {"folder/../in.jsonl"}), HasSubstr("would be overwritten"));
  EXPECT_THAT(Fault({"in.jsonl"}, {"out.jsonl", "link"}), HasSubstr("would be overwritten"));
  EXPECT_THAT(Fault({"name"}, {"in.jsonl"}), HasSubstr("would be overwritten"));
  EXPECT_THAT(Fault({"all.jsonl.partial"}, {"all.jsonl"}), HasSubstr("would be overwritten"));
  EXPECT_THAT(Fault({"in.jsonl"}, {"out.jsonl"}), IsEmpty());
  EXPECT_EQ(CheckFiles({"/dev/null"}, {"/dev/null", "/dev/null"}), absl::OkStatus());
  EXPECT_EQ(Content("in.jsonl"), "mine");
}

TEST_F(OutputFileTest, NoFileIsWrittenTwice) {
  EXPECT_THAT(Fault({}, {"a", "b", "./a"}), HasSubstr("a: would be written twice"));
  EXPECT_THAT(Fault({}, {"in.jsonl", "folder/../in.jsonl"}), HasSubstr("would be written twice"));
}

TEST_F(OutputFileTest, SaysBeforehandWhyAFileCannotBeReadOrWritten) {
  EXPECT_THAT(Fault({"none"}, {}), HasSubstr("none: cannot be read: No such file"));
  EXPECT_THAT(Fault({"folder"}, {}), HasSubstr("folder: is a folder, not a file"));
  EXPECT_THAT(Fault({}, {"folder"}), HasSubstr("folder: is a folder, not a file"));
  EXPECT_THAT(Fault({}, {"none/"}), HasSubstr("none/': names no file"));
  EXPECT_THAT(Fault({}, {"none/x"}), HasSubstr("none/x: cannot be written: No such file"));
  EXPECT_THAT(Fault({}, {"in.jsonl/x"}), HasSubstr("in.jsonl/x: cannot be written: Not a directory"));
  EXPECT_THAT(std::string(CheckFiles({}, {""}).message()), HasSubstr("'': names no file"));
  EXPECT_THAT(Files(), ElementsAre("in.jsonl"));
}

TEST_F(OutputFileTest, AFileAppearsWhenItIsWhole) {
  fs::permissions(Path("in.jsonl"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("in.jsonl", Path("link"));
  const auto write = [&](std::ostream& out) {
    out << "more" << std::flush;
    EXPECT_EQ(Content("in.jsonl"), "mine");
    return absl::OkStatus();
  };
  EXPECT_EQ(WriteWholeFile(Path("link"), write), absl::OkStatus());
  EXPECT_EQ(Content("in.jsonl"), "more");
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_EQ(fs::status(Path("in.jsonl")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(WriteWholeFile(Path("new"), "content"), absl::OkStatus());
  EXPECT_EQ(Content("new"), "content");
  EXPECT_THAT(Files(), ElementsAre("in.jsonl", "link", "new"));
}

TEST_F(OutputFileTest, WhereWritingFailsTheFileIsAsItWasAndTheErrorSaysWhy) {
  const auto fail = [](std::ostream& out) {
    out << "half";
    return absl::InvalidArgumentError("line 3");
  };
  EXPECT_EQ(WriteWholeFile(Path("in.jsonl"), fail).message(), "line 3");

  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full = {100'000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &full);
  const absl::Status at_once = WriteWholeFile(Path("in.jsonl"), std::string(1'000'000, 'a'));
  const absl::Status bit_by_bit = WriteWholeFile(Path("in.jsonl"), [](std::ostream& out) {
    for (int i = 0; i < 100'000; ++i) out << i << "\n";
    EXPECT_NE(access("/nowhere", R_OK), 0);  // a later error that is not why
    return absl::OkStatus();
  });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(at_once.message(), Path("in.jsonl") + ": cannot be written: File too large");
  EXPECT_EQ(bit_by_bit.message(), Path("in.jsonl") + ": cannot be written: File too large");

  EXPECT_THAT(std::string(WriteWholeFile("/dev/full", "content").message()),
              HasSubstr("No space left on device"));
  EXPECT_EQ(Content("in.jsonl"), "mine");
  EXPECT_THAT(Files(), ElementsAre("in.jsonl"));
}

TEST_F(OutputFileTest, AFolderAppearsWhenItIsWhole) {
  Put("folder/in.jsonl", "mine");
  fs::create_directories(Path("new.partial"));
  Put("new.partial/half", "of one that was broken off");
  const auto fill = [&](const fs::path& partial) {
    EXPECT_FALSE(fs::exists(Path("new")));
    EXPECT_FALSE(fs::exists(partial / "half"));
    EXPECT_EQ(MakeFolder(partial / "inside"), absl::OkStatus());
    return CopyWholeFile(Path("in.jsonl"), partial / "inside/copy");
  };
  EXPECT_EQ(WriteWholeFolder(Path("new/"), fill), absl::OkStatus());
  EXPECT_EQ(Content("new/inside/copy"), "mine");

  const auto fail = [&](const fs::path& partial) {
    EXPECT_EQ(MakeFolder(partial / "inside"), absl::OkStatus());
    return absl::InvalidArgumentError("line 3");
  };
  EXPECT_EQ(WriteWholeFolder(Path("other"), fail).message(), "line 3");
  EXPECT_FALSE(fs::exists(Path("other")) || fs::exists(Path("other.partial")));
}

TEST_F(OutputFileTest, AFolderIsNewAndNotMadeWhereSomethingIsRead) {
  const auto fault = [&](const std::string& folder, const std::vector<fs::path>& read) {
    return std::string(CheckNewFolder(Path(folder), read).message());
  };
  EXPECT_THAT(fault("folder", {}), HasSubstr("folder: is there already"));
  EXPECT_THAT(fault("none/new", {}), HasSubstr("none/new: cannot be written: No such file"));
  EXPECT_THAT(fault("new/", {Path("folder"), Path("new.partial/model")}),
              HasSubstr("new.partial/model: is read, and would be removed"));
  EXPECT_THAT(fault("new", {"", Path("folder"), Path("new.partials")}), IsEmpty());
}

TEST_F(OutputFileTest, ASignalTakesAwayTheFolderInHand) {
  const auto stopped = [&](const fs::path& partial) {
    EXPECT_EQ(MakeFolder(partial / "inside"), absl::OkStatus());
    EXPECT_EQ(CopyWholeFile(Path("in.jsonl"), partial / "inside/copy"), absl::OkStatus());
    std::raise(SIGTERM);
    return CopyWholeFile(Path("in.jsonl"), partial / "inside/another");
  };
  const auto write = [&] {
    TidyUpOnSignals();
    static_cast<void>(WriteWholeFolder(Path("new"), stopped));
  };
  EXPECT_EXIT(write(), testing::KilledBySignal(SIGTERM), "stopped by a signal; not written: .*/new\n");
  EXPECT_FALSE(fs::exists(Path("new")) || fs::exists(Path("new.partial")));
}

}  // namespace
}  // namespace privet
