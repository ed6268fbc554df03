/// One entry of the demo cache: what it is, how big, since when, how much used.
struct DemoEntry: Sendable {
  var kind: EntryKind
  var url: String
  /// For `lnk-blobs` the file's name: their version is the hash of the content.
  var version: String
  /// Once it is unpacked.
  var kibibytes: Int
  /// Of the download.
  var archiveKibibytes: Int
  var phases: [CachePhase]
  /// Days before now at which it was recorded, and at which it was last used.
  var added: Double
  var used: Double
  var uses: Int

  func size(_ phase: CachePhase) -> Int {
    (phase == .archive ? archiveKibibytes : kibibytes) * 1024
  }

  /// Sizes in MiB.
  private static func installed(
    _ kind: EntryKind, _ url: String, _ version: String, _ mebibytes: Int, _ added: Double,
    _ used: Double, _ uses: Int, both: Bool = false
  ) -> DemoEntry {
    DemoEntry(
      kind: kind, url: url, version: version, kibibytes: mebibytes * 1024,
      archiveKibibytes: mebibytes * 340, phases: both ? [.archive, .installed] : [.installed],
      added: added, used: used, uses: uses)
  }

  private static func blob(
    _ url: String, _ kibibytes: Int, _ added: Double, _ used: Double, _ uses: Int
  ) -> DemoEntry {
    DemoEntry(
      kind: .lnkBlobs, url: url, version: CachePaths.fileName(ofURL: url), kibibytes: kibibytes,
      archiveKibibytes: kibibytes, phases: [.archive], added: added, used: used, uses: uses)
  }

  /// Those that leases, pins and odd states need by name.
  static let named =
    toolchains + platforms + packages + libraries + frameworks + blobs

  static let all: [DemoEntry] = named + DemoCatalog.entries

  static let toolchains = [
    installed(
      .toolchains,
      "https://github.com/espressif/crosstool-NG/releases/download/esp-14.2.0_20241119/"
        + "xtensa-esp-elf-14.2.0_20241119-x86_64-linux-gnu.tar.xz",
      "14.2.0+20241119", 430, 140, 0.2, 47),
    installed(
      .toolchains,
      "https://github.com/espressif/crosstool-NG/releases/download/esp-14.2.0_20241119/"
        + "riscv32-esp-elf-14.2.0_20241119-x86_64-linux-gnu.tar.xz",
      "14.2.0+20241119", 620, 140, 3, 21),
    installed(
      .toolchains, "https://downloads.arduino.cc/tools", "7.3.0-atmel3.6.1", 290, 210, 1, 39),
    installed(
      .toolchains, "https://developer.arm.com/downloads/arm-gnu-toolchain", "12.3.rel1", 1120, 260,
      91, 6),
    installed(
      .toolchains, "https://developer.arm.com/downloads/arm-gnu-toolchain", "13.3.rel1", 1180, 91,
      8, 17),
    installed(
      .toolchains, "https://github.com/earlephilhower/pico-quick-toolchain", "4.0.1", 640, 118, 40,
      9),
  ]

  static let platforms = [
    installed(
      .platforms, "https://github.com/espressif/arduino-esp32", "3.1.0", 104, 120, 0.2, 45),
    installed(
      .platforms, "https://github.com/espressif/arduino-esp32", "3.0.7", 98, 230, 88, 26),
    installed(.platforms, "https://github.com/arduino/ArduinoCore-avr", "1.8.6", 38, 215, 1, 41),
    installed(.platforms, "https://github.com/arduino/ArduinoCore-samd", "1.8.14", 72, 180, 63, 4),
    installed(
      .platforms, "https://github.com/earlephilhower/arduino-pico", "4.2.0", 66, 118, 40, 8),
    installed(
      .platforms, "https://github.com/PaulStoffregen/cores", "1.59.0", 96, 160, 12, 14),
    installed(
      .platforms, "https://github.com/stm32duino/Arduino_Core_STM32", "2.9.0", 54, 97, 57, 3),
  ]

  static let packages = [
    installed(
      .packages, "https://github.com/espressif/esptool/releases/download/v4.8.1/esptool-v4.8.1.zip",
      "4.8.1", 61, 120, 0.2, 44, both: true),
    installed(
      .packages, "https://github.com/espressif/idf-tools/archive/refs/tags/v5.3.tar.gz", "5.3", 96,
      125, 120, 1),
    installed(
      .packages, "https://downloads.arduino.cc/tools/avrdude_6.3.0-arduino17_x86_64.tar.bz2",
      "6.3.0-arduino17", 14, 215, 2, 28, both: true),
    installed(
      .packages, "https://github.com/ninja-build/ninja/releases/download/v1.12.1/ninja-linux.zip",
      "1.12.1", 22, 140, 0.2, 40),
    installed(
      .packages, "https://github.com/raspberrypi/picotool/archive/refs/tags/2.1.0.tar.gz", "2.1.0",
      36, 118, 40, 8),
  ]

  static let libraries = [
    installed(
      .libraries, "https://github.com/FastLED/FastLED/archive/refs/tags/3.9.8.zip", "3.9.8", 4,
      60,
      0.2, 33),
    installed(
      .libraries, "https://github.com/FastLED/FastLED/archive/refs/tags/3.7.8.zip", "3.7.8", 3,
      240, 150, 19),
    installed(
      .libraries, "https://github.com/bblanchon/ArduinoJson/archive/refs/tags/v7.2.1.zip", "7.2.1",
      2, 77, 5, 12),
    installed(
      .libraries, "https://github.com/adafruit/Adafruit_NeoPixel/archive/refs/tags/1.12.3.zip",
      "1.12.3", 1, 190, 72, 5),
    installed(
      .libraries, "https://github.com/me-no-dev/AsyncTCP/archive/refs/tags/v3.3.2.zip", "3.3.2", 1,
      48, 9, 7),
    installed(
      .libraries, "https://github.com/knolleary/pubsubclient/archive/refs/tags/v2.8.zip", "2.8", 1,
      205, 199, 2),
  ]

  static let frameworks = [
    installed(
      .frameworks,
      "https://github.com/espressif/arduino-esp32/releases/download/3.1.0/esp32-arduino-libs.zip",
      "3.1.0", 860, 120, 0.2, 45),
    installed(
      .frameworks,
      "https://github.com/espressif/arduino-esp32/releases/download/3.0.7/esp32-arduino-libs.zip",
      "3.0.7", 830, 230, 88, 26),
    installed(
      .frameworks, "https://github.com/espressif/esp-idf/archive/refs/tags/v5.3.2.zip", "5.3.2",
      1150, 64, 31, 6),
    installed(
      .frameworks, "https://github.com/zephyrproject-rtos/zephyr/archive/refs/tags/v3.7.0.zip",
      "3.7.0", 740, 101, 99, 1),
  ]

  static let blobs = [
    blob("https://assets.example.com/site/site-assets.bin", 8120, 34, 3.2, 11),
    blob("https://assets.example.com/firmware/wifi-fw.bin", 1640, 52, 0.5, 20),
    blob("https://models.example.org/vision/model-q8.bin", 15360, 21, 0.1, 9),
    blob("https://assets.example.com/fonts/fonts.bin", 4960, 90, 6, 15),
    blob("https://assets.example.com/demo/demo.bin", 2200, 15, 0.05, 31),
    blob("https://data.example.net/zoneinfo/tz.bin", 418, 15, 0.05, 31),
    blob("https://assets.example.com/demo/palette.bin", 4, 170, 130, 2),
    blob("https://models.example.org/audio/beat-detect.bin", 3880, 44, 26, 4),
    blob("https://data.example.net/video/intro.rgb", 29300, 111, 104, 1),
    blob("https://data.example.net/video/outro.rgb", 27300, 111, 104, 0),
  ]
}
