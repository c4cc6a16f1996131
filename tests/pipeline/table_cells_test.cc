#include "pipeline/table_cells.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_join.h"

namespace privet {
namespace {

// The cells of `mention`, the first place where it stands in `text`, between slashes.
std::string Cells(std::string_view text, std::string_view mention) {
  const size_t begin = text.find(mention);
  EXPECT_NE(begin, text.npos);
  std::vector<std::string> cells;
  for (const Span cell : CellsOf(text, {begin, begin + mention.size()}))
    cells.emplace_back(text.substr(cell.begin, cell.size()));
  return absl::StrJoin(cells, "/");
}

TEST(TableCellsTest, AMentionOfOneCellStaysWhole) {
  EXPECT_EQ(Cells("at P.O. Box 92, Leeds, from May", "P.O. Box 92, Leeds"), "P.O. Box 92, Leeds");
  EXPECT_EQ(Cells(R"("1","P.O. Box 92, Leeds","x")", "P.O. Box 92, Leeds"), "P.O. Box 92, Leeds");
  EXPECT_EQ(Cells("a 1,234 kg,of,tea,in 12 Tern Row 1,234", "12 Tern Row 1,234"), "12 Tern Row 1,234");
  EXPECT_EQ(Cells("Greta \"Gee\" Holm", "Greta \"Gee\" Holm"), "Greta \"Gee\" Holm");
}

TEST(TableCellsTest, QuotesAndBarsPartCells) {
  EXPECT_EQ(Cells(R"("1","P.O. Box 92, Leeds","Baytown")", R"(P.O. Box 92, Leeds","Baytown)"),
            "P.O. Box 92, Leeds/Baytown");
  EXPECT_EQ(Cells(R"(["7 Elm Road", "Leeds"])", R"(7 Elm Road", "Leeds)"), "7 Elm Road/Leeds");
  EXPECT_EQ(Cells("885|P.O. Box 92, Leeds|Baytown|x", "P.O. Box 92, Leeds|Baytown"),
            "P.O. Box 92, Leeds/Baytown");
  EXPECT_EQ(Cells("a\t7 Elm Road\tLeeds", "7 Elm Road\tLeeds"), "7 Elm Road/Leeds");
}

TEST(TableCellsTest, EmptyCellsAndLinesOfATablePartThem) {
  EXPECT_EQ(Cells("Tobias,7 Elm Road,Leeds,,LS1 4AP", "7 Elm Road,Leeds,,LS1 4AP"),
            "7 Elm Road/Leeds/LS1 4AP");
  EXPECT_EQ(Cells("ADR;TYPE=HOME:;;42 Plantation St.;Baytown;LA;30314", "42 Plantation St.;Baytown;LA;30314"),
            "42 Plantation St./Baytown/LA/30314");
  // A comma without its space makes no table yet.
  EXPECT_EQ(Cells("we met in Leeds,UK then", "Leeds,UK"), "Leeds,UK");
  EXPECT_EQ(Cells("a,b,c,d\nwe met in Leeds,UK then", "Leeds,UK"), "Leeds,UK") << "another line";
}

TEST(TableCellsTest, AtTheEndsOfTheText) {
  EXPECT_EQ(Cells("\",\"", "\",\""), "");
  EXPECT_EQ(Cells("||", "||"), "");
  EXPECT_EQ(Cells("a|", "a|"), "a");
}

}  // namespace
}  // namespace privet
