#include "tagging/label_scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using ::testing::ElementsAre;
using Labels = std::vector<std::string>;
using enum EntityType;

LabelScheme Read(const Labels& labels) {
  absl::StatusOr<LabelScheme> scheme = LabelScheme::FromLabels(labels);
  EXPECT_TRUE(scheme.ok()) << scheme.status();
  return *std::move(scheme);
}

const Labels kBio = {"O", "B-PERSON", "I-PERSON", "B-ADDRESS", "I-ADDRESS"};
const Labels kBioes = {"I-PERSON",  "B-PERSON",  "E-PERSON",  "S-PERSON", "O",
                       "B-ADDRESS", "I-ADDRESS", "E-ADDRESS", "S-ADDRESS"};

TEST(LabelSchemeTest, ReadsTagAndTypeOfEachLabelInAnyOrder) {
  const LabelScheme scheme = Read(kBioes);
  EXPECT_EQ(scheme.format(), TagFormat::Bioes);
  EXPECT_EQ(scheme.label_count(), 9u);
  EXPECT_THAT(scheme.types(), ElementsAre(PERSON, ADDRESS));
  EXPECT_EQ(scheme.outside_label(), 4u);
  EXPECT_EQ(scheme.tag(4), Tag::Outside);
  EXPECT_EQ(scheme.tag(0), Tag::Inside);
  EXPECT_EQ(scheme.type_index(0), 0u);
  EXPECT_EQ(scheme.tag(8), Tag::Single);
  EXPECT_EQ(scheme.type_index(8), 1u);
  EXPECT_EQ(scheme.LabelOf(Tag::End, 1), 7u);
}

TEST(LabelSchemeTest, WithoutEAndSItIsBio) {
  const LabelScheme scheme = Read(kBio);
  EXPECT_EQ(scheme.format(), TagFormat::Bio);
  EXPECT_EQ(scheme.LabelOf(Tag::Begin, 1), 3u);
  EXPECT_EQ(scheme.LabelOf(Tag::End, 1), std::nullopt);
}

TEST(LabelSchemeTest, ATypeMayLackTagsThatNoSequenceMisses) {
  Read({"O", "B-PERSON"});                            // BIO, one token
  Read({"O", "S-PERSON", "B-ADDRESS", "E-ADDRESS"});  // BIOES, one token; exactly two
}

// What follows what, written out: "from: all that may follow". ^ is the start and $ the end.
std::string Transitions(const LabelScheme& scheme, const Labels& labels) {
  std::string all = "^:";
  for (size_t next = 0; next < labels.size(); ++next) {
    if (scheme.MayStart(next)) all += " " + labels[next];
  }
  for (size_t label = 0; label < labels.size(); ++label) {
    all += "\n" + labels[label] + ":";
    for (size_t next = 0; next < labels.size(); ++next) {
      if (scheme.MayFollow(label, next)) all += " " + labels[next];
    }
    if (scheme.MayEnd(label)) all += " $";
  }
  return all;
}

TEST(LabelSchemeTest, AllowsTheTransitionsOfBio) {
  EXPECT_EQ(Transitions(Read(kBio), kBio),
            "^: O B-PERSON B-ADDRESS\n"
            "O: O B-PERSON B-ADDRESS $\n"
            "B-PERSON: O B-PERSON I-PERSON B-ADDRESS $\n"
            "I-PERSON: O B-PERSON I-PERSON B-ADDRESS $\n"
            "B-ADDRESS: O B-PERSON B-ADDRESS I-ADDRESS $\n"
            "I-ADDRESS: O B-PERSON B-ADDRESS I-ADDRESS $");
}

TEST(LabelSchemeTest, AllowsTheTransitionsOfBioes) {
  const Labels labels = {"O", "B-QQ", "I-QQ", "E-QQ", "S-QQ", "B-VIN", "E-VIN"};
  EXPECT_EQ(Transitions(Read(labels), labels),
            "^: O B-QQ S-QQ B-VIN\n"
            "O: O B-QQ S-QQ B-VIN $\n"
            "B-QQ: I-QQ E-QQ\n"
            "I-QQ: I-QQ E-QQ\n"
            "E-QQ: O B-QQ S-QQ B-VIN $\n"
            "S-QQ: O B-QQ S-QQ B-VIN $\n"
            "B-VIN: E-VIN\n"
            "E-VIN: O B-QQ S-QQ B-VIN $");
}

TEST(LabelSchemeTest, SaysWhichLabelIsWrongAndWhatIsAllowed) {
  struct Case {
    Labels labels;
    std::string error;
  };
  const std::string neither =
      ": is neither BIO nor BIOES; a label is O, or one of B, I, E and S, '-' and an entity type, such as "
      "B-PERSON";
  for (const Case& c : std::initializer_list<Case>{
           {{}, "id2label: there is no label O, for tokens of no entity"},
           {{"B-PERSON"}, "id2label: there is no label O, for tokens of no entity"},
           {{"O"}, "id2label: there is no label but O; name at least one type: B-PERSON"},
           {{"LABEL_0", "LABEL_1"}, "id2label[0] 'LABEL_0'" + neither},
           {{"O", "PERSON"}, "id2label[1] 'PERSON'" + neither},
           {{"O", "L-PERSON"}, "id2label[1] 'L-PERSON'" + neither},
           {{"O", "O-PERSON"}, "id2label[1] 'O-PERSON'" + neither},
           {{"O", "B-"}, "id2label[1] 'B-'" + neither},
           {{"O", "b\n"}, "id2label[1] 'b\\n'" + neither},
           {{"O", "B-PER"}, "id2label[1] 'B-PER': is of no entity type; did you mean PERSON?"},
           {{"O", "B-PERSN"}, "id2label[1] 'B-PERSN': is of no entity type; did you mean PERSON?"},
           {{"O", "B-PERSON", "B-PERSON"}, "id2label[2] 'B-PERSON': stands twice"},
           {{"O", "B-PERSON", "O"}, "id2label[2] 'O': stands twice"},
           {{"O", "I-PERSON"}, "id2label[1] 'I-PERSON': needs B-PERSON in BIO"},
           {{"O", "B-QQ", "I-PERSON"}, "id2label[2] 'I-PERSON': needs B-PERSON in BIO"},
           {{"O", "B-PERSON", "S-PERSON"}, "id2label[1] 'B-PERSON': needs E-PERSON in BIOES"},
           {{"O", "E-PERSON"}, "id2label[1] 'E-PERSON': needs B-PERSON in BIOES"},
           {{"O", "B-PERSON", "I-PERSON", "B-QQ", "E-QQ"}, "id2label[1] 'B-PERSON': needs E-PERSON in BIOES"},
       }) {
    const auto scheme = LabelScheme::FromLabels(c.labels);
    ASSERT_FALSE(scheme.ok()) << c.error;
    EXPECT_EQ(scheme.status().message(), c.error);
  }
}

TEST(LabelSchemeTest, CutsWhatItQuotes) {
  const auto scheme = LabelScheme::FromLabels(Labels{"O", std::string(100000, 'x')});
  EXPECT_LT(scheme.status().message().size(), 300u);
}

TEST(LabelSchemeTest, ReadsAConfigurationsLabelsAndNamesItInErrors) {
  const auto scheme =
      LabelScheme::FromId2Label({{0, "O"}, {1, "B-PERSON"}, {2, "I-PERSON"}}, "m/config.json");
  ASSERT_TRUE(scheme.ok()) << scheme.status();
  EXPECT_EQ(scheme->label_count(), 3u);
  EXPECT_THAT(std::string(LabelScheme::FromId2Label({{0, "LABEL_0"}}, "m/config.json").status().message()),
              testing::StartsWith("m/config.json: id2label[0] 'LABEL_0'"));
}

}  // namespace
}  // namespace privet
