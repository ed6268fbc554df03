import SystemPackage

/// A project whose assets are pointers: cached, missing, broken, and not ours.
struct DemoProject {
  let folder: FilePath
  let blobs: [DemoBlob]

  /// Returns the number of pointer files.
  func write(now: Int64) throws(CacheError) -> Int {
    for (name, text) in sources + pointers {
      var path = folder
      for part in name.split(separator: "/") { path.append(String(part)) }
      try NewFile.write(path, Array(text.utf8), modifiedAt: now - 86400)
    }
    return pointers.count
  }

  private var sources: [(String, String)] {
    [
      (
        "platformio.ini",
        """
        [env:esp32s3]
        platform = espressif32
        board = esp32-s3-devkitc-1
        framework = arduino
        board_build.embed_files =
          assets/site-assets.bin.lnk
          assets/fonts.bin.fetch

        """
      ),
      (
        "src/main.ino",
        """
        #include <FastLED.h>

        CRGB leds[60];

        void setup() { FastLED.addLeds<WS2812, 5>(leds, 60); }

        void loop() {
          fill_rainbow(leds, 60, millis() / 16);
          FastLED.show();
        }

        """
      ),
    ]
  }

  private var pointers: [(String, String)] {
    cached + [
      ("assets/gone.rgb.lnk", json(blobs[9])),
      (
        "models/gesture.bin.lnk",
        json(
          DemoBlob(
            url: "https://models.example.org/vision/gesture.bin",
            sha256: String(repeating: "7c", count: 32), bytes: 81_920))
      ),
      (
        "firmware/radio.zip.lnk",
        json(
          DemoBlob(
            url: "https://assets.example.com/firmware/radio.zip",
            sha256: String(repeating: "e0", count: 32), bytes: 40_960), extract: "zip")
      ),
      ("fonts/broken.bin.lnk", malformed),
      (
        "src/runtime.bin.lnk",
        "# read by the sketch at run time\nhttps://cdn.example.com/pattern.bin\n"
      ),
    ]
  }

  private var cached: [(String, String)] {
    [
      ("assets/site-assets.bin.lnk", json(blobs[0])),
      ("assets/demo.bin.lnk", json(blobs[4])),
      ("assets/palette.bin.fetch", json(blobs[6])),
      ("firmware/wifi-fw.bin.lnk", json(blobs[1])),
      ("models/model-q8.bin.fetch", json(blobs[2])),
      ("models/copy/model-q8.bin.lnk", json(blobs[2])),
      ("assets/fonts.bin.fetch", text(blobs[3])),
      ("data/tz.bin.fetch", text(blobs[5])),
    ]
  }

  /// One digit of the hash is missing.
  private var malformed: String {
    var blob = blobs[3]
    blob.sha256.removeLast()
    return json(blob)
  }

  /// As `lnk add` writes it.
  private func json(_ blob: DemoBlob, extract: String? = nil) -> String {
    let kind = extract.map { "  \"extract\": \"\($0)\",\n" } ?? ""
    return """
      {
      \(kind)  "sha256": "\(blob.sha256)",
        "size": \(blob.bytes),
        "url": "\(blob.url)",
        "v": 1
      }

      """
  }

  private func text(_ blob: DemoBlob) -> String {
    "# fetched by the build\n\(blob.url)\nsha256=\(blob.sha256)\n"
  }
}
