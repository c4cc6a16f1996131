#include "qwen3/byte_pair_encoder.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/utf8.h"
#include "qwen3/tokenizer_spec.h"
#include "tokenizer_folder.h"

namespace privet {
namespace {

using Piece = BytePairEncoder::Piece;

BytePairVocabulary SmallVocabulary() {
  auto spec = ReadTokenizerSpec(kSmallTokenizer);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return std::move(spec->vocabulary);
}

// The definition, word for word: of all adjacent pairs the one that was learnt first, the leftmost of equals.
std::vector<Piece> ByDefinition(const BytePairVocabulary& vocabulary, std::string_view word) {
  std::map<std::pair<int32_t, int32_t>, std::pair<size_t, int32_t>> merges;
  for (size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
    const auto& merge = vocabulary.merges[rank];
    merges[{merge.left, merge.right}] = {rank, merge.merged};
  }
  std::vector<Piece> pieces;
  for (size_t i = 0; i < word.size(); ++i) {
    pieces.push_back({vocabulary.byte_ids[static_cast<uint8_t>(word[i])], static_cast<uint32_t>(i + 1)});
  }
  for (;;) {
    size_t best = pieces.size();
    std::pair<size_t, int32_t> best_merge;
    for (size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto merge = merges.find({pieces[i].id, pieces[i + 1].id});
      if (merge == merges.end() || (best != pieces.size() && merge->second.first >= best_merge.first))
        continue;
      best = i;
      best_merge = merge->second;
    }
    if (best == pieces.size()) return pieces;
    pieces[best] = {best_merge.second, pieces[best + 1].end};
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

// Tokens and code points, one behind another.
std::string RandomWord(const BytePairVocabulary& vocabulary, size_t size, std::mt19937* random) {
  std::string word;
  while (word.size() < size) {
    const std::string& bytes = vocabulary.tokens[(*random)() % vocabulary.tokens.size()].bytes;
    if ((*random)() % 8 == 0) {
      AppendUtf8((*random)() % 0xD800, &word);
    } else if (FindInvalidUtf8(bytes) == std::string_view::npos) {
      word += bytes;
    }
  }
  return word;
}

TEST(BytePairEncoderTest, FollowsTheDefinitionForWordsOfEveryLength) {
  const BytePairVocabulary vocabulary = SmallVocabulary();
  const BytePairEncoder encoder(vocabulary);
  std::mt19937 random(2);
  for (int round = 0; round < 4000; ++round) {
    const std::string word = RandomWord(vocabulary, random() % 250, &random);
    std::vector<Piece> pieces;
    encoder.Encode(word, &pieces);
    ASSERT_EQ(pieces, ByDefinition(vocabulary, word)) << testing::PrintToString(word);
  }
}

TEST(BytePairEncoderTest, FollowsTheDefinitionForEveryToken) {
  const BytePairVocabulary vocabulary = SmallVocabulary();
  const BytePairEncoder encoder(vocabulary);
  for (const auto& token : vocabulary.tokens) {
    if (FindInvalidUtf8(token.bytes) != std::string_view::npos) continue;
    std::vector<Piece> pieces;
    encoder.Encode(token.bytes, &pieces);
    ASSERT_EQ(pieces, ByDefinition(vocabulary, token.bytes)) << testing::PrintToString(token.bytes);
  }
}

// Merges that a trained vocabulary would not have: a character's own merge comes after merges across its
// borders, and a token that merging never makes.
TEST(BytePairEncoderTest, FollowsTheDefinitionWhereMergesCrossCharacters) {
  BytePairVocabulary vocabulary;
  int32_t next = 0;
  for (int32_t& id : vocabulary.byte_ids) id = next++;
  const auto id_of = [&](const std::string& bytes) {
    if (bytes.size() == 1) return vocabulary.byte_ids[static_cast<uint8_t>(bytes[0])];
    for (const auto& token : vocabulary.tokens) {
      if (token.bytes == bytes) return token.id;
    }
    vocabulary.tokens.push_back({bytes, next});
    return next++;
  };
  const auto merge = [&](const std::string& left, const std::string& right) {
    vocabulary.merges.push_back({id_of(left), id_of(right), id_of(left + right)});
  };
  std::mt19937 random(5);
  const std::string pieces_of[] = {"\xE4",         "\xB8",
                                   "\xAD",         "\xE4\xB8",
                                   "\xB8\xAD",     "\xE4\xB8\xAD",
                                   "\xAD\xE4",     " ",
                                   "\xAD\xE4\xB8", "\xE4\xB8\xAD\xE4\xB8\xAD",
                                   "\xB8\x80",     "\x80",
                                   "\xE4\xB8\x80", " \xE4"};
  for (int vocabulary_round = 0; vocabulary_round < 1000; ++vocabulary_round) {
    vocabulary.tokens.clear();
    vocabulary.merges.clear();
    next = 256;
    for (int i = 0; i < 14; ++i)
      merge(pieces_of[random() % std::size(pieces_of)], pieces_of[random() % std::size(pieces_of)]);
    id_of("中");
    id_of("一");
    const BytePairEncoder encoder(vocabulary);
    for (int round = 0; round < 40; ++round) {
      std::string word;
      for (uint32_t left = random() % 40; left > 0; --left) {
        constexpr const char* kParts[] = {"中", "一", "丮", " ", "a"};
        word += kParts[random() % (round % 2 == 0 ? 3 : 5)];
      }
      std::vector<Piece> pieces;
      encoder.Encode(word, &pieces);
      ASSERT_EQ(pieces, ByDefinition(vocabulary, word)) << testing::PrintToString(word);
    }
  }
}

// 中 has a merge of a lower rank than those that make it: while it is made, its neighbours merge with one
// another.
TEST(BytePairEncoderTest, ACharacterDoesNotTakeItsNeighbourBeforeItIsMade) {
  BytePairVocabulary vocabulary;
  int32_t id = 0;
  for (int32_t& byte_id : vocabulary.byte_ids) byte_id = id++;
  vocabulary.tokens = {{"中a", 256}, {"ab", 257}, {"\xE4\xB8", 258}, {"中", 259}};
  vocabulary.merges = {{259, 'a', 256}, {'a', 'b', 257}, {0xE4, 0xB8, 258}, {258, 0xAD, 259}};
  std::vector<Piece> pieces;
  BytePairEncoder(vocabulary).Encode("中ab", &pieces);
  EXPECT_EQ(pieces, (std::vector<Piece>{{259, 3}, {257, 5}}));
}

TEST(BytePairEncoderTest, AWordOfAMebibyteIsNotQuadratic) {
  const BytePairEncoder encoder(SmallVocabulary());
  const std::string word(1 << 20, 'a');
  std::vector<Piece> pieces;
  encoder.Encode(word, &pieces);
  ASSERT_FALSE(pieces.empty());
  EXPECT_EQ(pieces.back().end, word.size());
}

}  // namespace
}  // namespace privet
