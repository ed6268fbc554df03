/// What the demo has beside the entries that its leases and states need: real packages for
/// microcontrollers in several versions, with sizes as they have once they are unpacked.
enum DemoCatalog {
  static let entries: [DemoEntry] = sections.flatMap { section in
    section.lines.split(separator: "\n").flatMap { line in
      product(section.kind, line.split(separator: " "))
    }
  }

  /// A line is a size in KiB, a URL whose `%` is the version, and the versions, the newest first.
  private static func product(_ kind: EntryKind, _ words: [Substring]) -> [DemoEntry] {
    guard words.count > 2, let size = Int(words[0]) else { return [] }
    return words.dropFirst(2).enumerated().map { place, version in
      let url = url(words[1], String(version), kind)
      var dice = DemoDice(url)
      // One version comes after the other; a new one takes the uses of the one before.
      let added = 3 + Double(place) * 17 + dice.fraction() * 15
      let age =
        place == 0
        ? dice.fraction() * dice.fraction() * added
        : max(0.1, added - 6 - 11 * dice.fraction())
      let kibibytes = size * (90 + Int(dice.fraction() * 20)) / 100
      return DemoEntry(
        kind: kind, url: url,
        version: kind == .lnkBlobs ? CachePaths.fileName(ofURL: url) : String(version),
        kibibytes: kibibytes, archiveKibibytes: archive(kind, kibibytes),
        phases: phases(kind, kibibytes), added: added, used: min(age, added),
        uses: 1 + Int(dice.fraction() * (added - min(age, added) + 1)))
    }
  }

  private static func url(_ form: Substring, _ version: String, _ kind: EntryKind) -> String {
    let whole = "https://" + form.replacing("%", with: version)
    // A repository alone means the archive of the tag.
    let isRepository = form.hasPrefix("github.com/") && form.split(separator: "/").count == 3
    guard isRepository, kind != .platforms else { return whole }
    return "\(whole)/archive/refs/tags/\(version).zip"
  }

  /// Downloads of large packages are not kept for long.
  private static func phases(_ kind: EntryKind, _ kibibytes: Int) -> [CachePhase] {
    if kind == .lnkBlobs { return [.archive] }
    return kibibytes < 24 * 1024 && kind != .platforms ? [.archive, .installed] : [.installed]
  }

  private static func archive(_ kind: EntryKind, _ kibibytes: Int) -> Int {
    kind == .lnkBlobs ? kibibytes : max(1, kibibytes / 3)
  }

  private static let sections: [(kind: EntryKind, lines: String)] = [
    (.toolchains, toolchains), (.platforms, platforms), (.packages, packages),
    (.libraries, libraries), (.frameworks, frameworks), (.lnkBlobs, blobs),
  ]

  private static let toolchains = """
    420000 github.com/espressif/crosstool-NG/releases/download/esp-%/\
    xtensa-esp-elf-%-x86_64-linux-gnu.tar.xz \
    14.2.0_20240906 13.2.0_20240530 12.2.0_20230208
    610000 github.com/espressif/crosstool-NG/releases/download/esp-%/\
    riscv32-esp-elf-%-x86_64-linux-gnu.tar.xz \
    14.2.0_20240906 13.2.0_20240530
    780000 github.com/xpack-dev-tools/arm-none-eabi-gcc-xpack/releases/download/v%/\
    xpack-arm-none-eabi-gcc-%-linux-x64.tar.gz \
    14.2.1-1.1 13.3.1-1.1
    690000 github.com/xpack-dev-tools/riscv-none-elf-gcc-xpack/releases/download/v%/\
    xpack-riscv-none-elf-gcc-%-linux-x64.tar.gz \
    14.2.0-3
    240000 github.com/earlephilhower/pico-quick-toolchain 3.1.0 2.2.0
    520000 github.com/emscripten-core/emsdk 4.0.1 3.1.74
    350000 www.pjrc.com/teensy/toolchain-gccarmnoneeabi-teensy 11.3.1
    """

  private static let platforms = """
    98000 github.com/espressif/arduino-esp32 3.1.1 3.0.5 2.0.17
    41000 github.com/esp8266/Arduino 3.1.2 3.0.2
    36000 github.com/arduino/ArduinoCore-renesas 1.3.2 1.2.2
    88000 github.com/arduino/ArduinoCore-mbed 4.2.1 4.1.5
    64000 github.com/earlephilhower/arduino-pico 4.4.0 3.9.5
    52000 github.com/stm32duino/Arduino_Core_STM32 2.8.1
    9800 github.com/PaulStoffregen/cores 1.58.2
    7200 github.com/arduino/ArduinoCore-samd 1.8.13
    3900 github.com/arduino/ArduinoCore-avr 1.8.5
    28000 github.com/adafruit/Adafruit_nRF52_Arduino 1.6.1 1.3.0
    71000 github.com/sparkfun/Arduino_Apollo3 2.2.1
    4300 github.com/SpenceKonde/megaTinyCore 2.6.10 2.6.8 2.6.7
    3700 github.com/SpenceKonde/ATTinyCore 1.5.2 1.4.1
    5100 github.com/MCUdude/MegaCoreX 1.1.2 1.0.10
    2600 github.com/platformio/platform-atmelavr 5.1.0 5.0.0
    3100 github.com/platformio/platform-teensy 5.1.0 5.0.0
    4400 github.com/platformio/platform-ststm32 18.0.0 17.6.0 17.4.0
    6200 github.com/pioarduino/platform-espressif32 53.03.11 53.03.10 51.03.07
    2900 github.com/platformio/platform-espressif8266 4.2.1 4.2.0
    1900 github.com/maxgerhardt/platform-raspberrypi 1.15.0 1.14.0
    2200 github.com/platformio/platform-nordicnrf52 10.7.0 10.6.0
    """

  private static let packages = """
    61000 github.com/espressif/esptool/releases/download/v%/esptool-v%-linux-amd64.zip 4.8.0 4.7.0
    15000 github.com/espressif/openocd-esp32/releases/download/v%/\
    openocd-esp32-linux-amd64-%.tar.gz \
    0.12.0-esp32-20241016 0.12.0-esp32-20240821
    46000 github.com/espressif/binutils-gdb/releases/download/esp-gdb-v%/\
    xtensa-esp-elf-gdb-%.tar.gz \
    14.2_20240403 12.1_20231023
    52000 github.com/espressif/binutils-gdb/releases/download/esp-gdb-v%/\
    riscv32-esp-elf-gdb-%.tar.gz \
    14.2_20240403
    8200 github.com/espressif/esp-rom-elfs/releases/download/%/esp-rom-elfs-%.tar.gz \
    20241011 20230320
    18000 github.com/espressif/binutils-esp32ulp/releases/download/v%/esp32ulp-elf-%.tar.gz \
    2.38_20240113 2.35_20220830
    21000 github.com/Kitware/CMake/releases/download/v%/cmake-%-linux-x86_64.tar.gz 3.31.4 3.30.5
    310 github.com/ninja-build/ninja/releases/download/v%/ninja-linux-%.zip 1.12.0 1.11.1
    900 github.com/earlephilhower/mklittlefs/releases/download/%/mklittlefs-%.tar.gz 4.0.2 3.2.0
    640 github.com/igrr/mkspiffs/releases/download/%/mkspiffs-%.tar.gz 0.2.3 0.2.2
    480 github.com/earlephilhower/pioasm/releases/download/%/pioasm-%.tar.gz 2.1.0 2.0.0
    3100 github.com/raspberrypi/picotool/archive/refs/tags/%.tar.gz 2.0.0
    760 downloads.arduino.cc/tools/bossac-%-linux64.tar.gz 1.9.1-arduino5 1.8.0-48-gb176eee
    1400 downloads.arduino.cc/tools/dfu-util-%-linux64.tar.gz 0.11-arduino5 0.10.0-arduino1
    4900 github.com/avrdudes/avrdude/releases/download/v%/avrdude_v%_Linux_64bit.tar.gz 8.0 7.3
    7800 github.com/ccache/ccache/releases/download/v%/ccache-%-linux-x86_64.tar.xz 4.10.2
    22000 github.com/mozilla/sccache/releases/download/v%/sccache-v%-x86_64.tar.gz 0.9.1 0.8.2
    2300 www.pjrc.com/teensy/teensy-tools-%.tar.gz 1.59.0 1.58.0
    980 github.com/stm32duino/Arduino_Tools/releases/download/%/stm32tools-%.tar.gz 2.2.3
    1300 github.com/hathach/tinyusb 0.18.0 0.17.0
    """

  private static let libraries = """
    3100 github.com/FastLED/FastLED 3.9.13 3.9.12 3.9.11 3.9.10 3.9.9 3.9.7 3.9.4 3.9.2 \
    3.9.1 3.9.0 3.7.7 3.7.6 3.7.5 3.6.0
    1800 github.com/bblanchon/ArduinoJson 7.3.0 7.2.2 7.2.0 7.1.0 7.0.4 6.21.5 6.20.1
    640 github.com/adafruit/Adafruit_NeoPixel 1.12.4 1.12.2 1.12.0 1.11.0
    420 github.com/adafruit/Adafruit-GFX-Library 1.11.11 1.11.10
    96 github.com/adafruit/Adafruit_BusIO 1.16.2 1.16.1 1.16.0 1.15.0
    210 github.com/adafruit/Adafruit_SSD1306 2.5.13 2.5.12
    180 github.com/adafruit/Adafruit_ILI9341 1.6.1 1.6.0
    130 github.com/adafruit/Adafruit_BME280_Library 2.2.4 2.2.2
    110 github.com/adafruit/Adafruit_MPU6050 2.2.6 2.2.5
    90 github.com/adafruit/Adafruit_Sensor 1.1.14 1.1.13
    260 github.com/adafruit/Adafruit_DotStar 1.2.5 1.2.4
    310 github.com/adafruit/RTClib 2.1.4 2.1.3
    5200 github.com/Bodmer/TFT_eSPI 2.5.43 2.5.34
    23000 github.com/olikraus/u8g2 2.36.2 2.35.30
    19000 github.com/lvgl/lvgl 9.2.2 9.1.0 8.4.0
    160 github.com/ESP32Async/AsyncTCP 3.3.5 3.3.3 3.3.1 3.2.14
    880 github.com/ESP32Async/ESPAsyncWebServer 3.7.0 3.6.0 3.4.5
    3600 github.com/h2zero/NimBLE-Arduino 2.2.1 2.1.2 1.4.3
    540 github.com/tzapu/WiFiManager 2.0.17 2.0.16
    700 github.com/crankyoldgit/IRremoteESP8266 2.8.6 2.8.5
    1200 github.com/Arduino-IRremote/Arduino-IRremote 4.4.1 4.3.2
    140 github.com/knolleary/pubsubclient 2.8.0 2.7.0
    2100 github.com/me-no-dev/ESPAsyncTCP 2.0.0 1.2.4
    950 github.com/PaulStoffregen/OctoWS2811 1.5 1.4
    420 github.com/PaulStoffregen/Audio 1.3 1.2
    380 github.com/PaulStoffregen/OneWire 2.3.8 2.3.7 2.3.6
    270 github.com/milesburton/Arduino-Temperature-Control-Library 3.11.0 3.9.1
    330 github.com/Makuna/NeoPixelBus 2.8.3 2.8.0 2.7.9
    860 github.com/Aircoookie/WLED 0.15.0 0.14.4
    610 github.com/thijse/Arduino-EEPROMEx 1.0.0
    220 github.com/evert-arias/EasyButton 2.0.3 2.0.1
    190 github.com/mathertel/OneButton 2.6.1 2.5.0 2.0.4
    150 github.com/waspinator/AccelStepper 1.64.0 1.61.0
    120 github.com/br3ttb/Arduino-PID-Library 1.2.1 1.1.1
    2700 github.com/arduino-libraries/ArduinoBLE 1.3.7 1.3.6
    430 github.com/arduino-libraries/NTPClient 3.2.1 3.2.0
    510 github.com/arduino-libraries/Servo 1.2.2 1.2.1
    1500 github.com/arduino-libraries/Ethernet 2.0.2 2.0.1
    340 github.com/greiman/SdFat 2.3.0 2.2.3 2.2.2
    240 github.com/sstaub/Ticker 4.4.0 4.3.0
    1100 github.com/fastled/fastled-examples 1.4.0 1.3.0
    180 github.com/links2004/arduinoWebSockets 2.6.1 2.4.1
    460 github.com/jgromes/RadioLib 7.1.2 7.1.1 6.6.0
    290 github.com/sandeepmistry/arduino-LoRa 0.8.0 0.7.2
    640 github.com/mcci-catena/arduino-lmic 5.0.1 4.1.1
    130 github.com/ThingPulse/esp8266-oled-ssd1306 4.6.1 4.6.0
    520 github.com/espressif/esp32-camera 2.0.15 2.0.13
    710 github.com/pschatzmann/arduino-audio-tools 1.0.1 1.0.0
    390 github.com/earlephilhower/ESP8266Audio 1.9.9 1.9.7
    270 github.com/kosme/arduinoFFT 2.0.4 2.0.2
    """

  private static let frameworks = """
    820000 github.com/espressif/arduino-esp32/releases/download/%/esp32-arduino-libs.zip 3.1.1 3.0.5
    640000 github.com/espressif/esp-idf 5.3.1 5.2.3 4.4.8
    480000 github.com/zephyrproject-rtos/zephyr 4.0.0
    310000 github.com/ARMmbed/mbed-os mbed-os-6.17.0
    62000 github.com/raspberrypi/pico-sdk 2.1.0 2.0.0
    47000 github.com/NordicSemiconductor/nrfx 3.9.0
    150000 github.com/stm32duino/STM32CubeF4 1.28.1
    """

  private static let blobs = """
    5200 assets.example.com/site/fonts-%.bin r12 r11 r10 r9
    14000 models.example.org/vision/person-q8-%.tflite 2024.11 2024.10 2024.08 2024.05
    2400 models.example.org/audio/keyword-%.tflite 7 6
    31000 data.example.net/video/show-%.rgb spring winter autumn
    8600 data.example.net/video/idle-%.rgb 4 3 2 1
    960 assets.example.com/firmware/radio-%.bin 1.8.2 1.8.1 1.7.0 1.6.4
    640 data.example.net/maps/panel-%.map 64x64 32x32
    1100 assets.example.com/sounds/chime-%.wav 4 3 2 1
    420 data.example.net/zoneinfo/tz-%.bin 2026b 2026a 2025c 2025b
    """
}

/// Numbers that depend on a text alone.
struct DemoDice {
  private var state: UInt64

  init(_ text: String) {
    state = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// From 0 to below 1.
  mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
