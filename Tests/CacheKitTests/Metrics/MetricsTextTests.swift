import CacheKit
import TestSupport
import Testing

@Suite("Prometheus text")
struct MetricsTextTests {
  private static func family(_ samples: [MetricFamily.Sample]) -> MetricFamily {
    MetricFamily(name: "x_bytes", help: "Some \\ words\nand more.", samples: samples)
  }

  @Test(
    "T-L2: any label comes back as it was, and nothing but the three escapes is written",
    arguments: [
      "plain", "", "a\"b", "a\\b", "a\nb", "\\n", "\\\"", "\u{1B}[31m", "é\u{301}\u{1F600}", "},{",
      " 1 ",
    ])
  func labels(value: String) throws {
    let text = MetricsText.of([Self.family([.init(7, [.init("cache", value)])])])
    let read = try Exposition(text)
    #expect(read.value("x_bytes", ["cache": value]) == 7)
  }

  @Test("T-L1: words stand once before the samples, without a time, and the last line has an end")
  func form() {
    let samples = [
      MetricFamily.Sample(1, [.init("a", "b")]), .init(.max, [.init("a", "c"), .init("d", "e")]),
    ]
    #expect(
      MetricsText.of([Self.family(samples)]) == """
        # HELP x_bytes Some \\\\ words\\nand more.
        # TYPE x_bytes gauge
        x_bytes{a="b"} 1
        x_bytes{a="c",d="e"} 18446744073709551615

        """)
  }

  @Test("a metric without samples leaves no words behind, which would stand alone")
  func empty() {
    #expect(MetricsText.of([Self.family([])]).isEmpty)
  }

  @Test(
    "the reader of these tests refuses what a collector drops",
    arguments: [
      "x 1\n", "# HELP x w\n# TYPE x gauge\nx 1", "# HELP x w\r\n# TYPE x gauge\r\nx 1\r\n",
      "# HELP x w\n# TYPE x gauge\nx 1 1700000000\n", "# HELP x w\n# TYPE x gauge\nx 1\nx 2\n",
      "# HELP x w\n# HELP x w\n# TYPE x gauge\nx 1\n", "# HELP x w\n# TYPE x info\nx 1\n",
      "# HELP x w\n# TYPE x gauge\nx{a=\"\\t\"} 1\n", "# HELP x w\n# TYPE x gauge\nx 0x1\n",
      "# TYPE x gauge\nx 1\n# HELP x w\n", "# HELP x \n# TYPE x gauge\nx 1\n",
    ])
  func strict(text: String) {
    #expect(throws: Exposition.Malformed.self) { try Exposition(text) }
  }
}
