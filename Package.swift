// swift-tools-version: 6.2

import PackageDescription

// Warnings fail the build where CACHESCOPE_STRICT is set (make test, make check), so that a newer
// compiler's new warning never stops a user from building.
let strict: [SwiftSetting] =
  Context.environment["CACHESCOPE_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + strict

// `make fuzz` builds one more library, in a folder and with flags of its own.
let isFuzzing = Context.environment["CACHESCOPE_FUZZ"] != nil
let fuzzTargets: [Target] =
  isFuzzing
  ? [
    .target(
      name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Entry",
      swiftSettings: settings)
  ] : []
let fuzzProducts: [Product] =
  isFuzzing ? [.library(name: "Fuzz", type: .static, targets: ["Fuzz"])] : []

// The commit for `--version`: what a packager says, else what git does; none where neither knows. Only one C
// file sees it, so that another commit compiles nothing else anew, and the same commit gives the same bytes.
let commit: String? =
  Context.environment["CACHESCOPE_COMMIT"]
  ?? Context.gitInformation.map {
    String($0.currentCommit.prefix(12)) + ($0.hasUncommittedChanges ? "+" : "")
  }
let versionSettings: [CSetting] =
  commit.map { [.define("CACHESCOPE_COMMIT", to: "\"\($0)\"")] } ?? []

// What a stranger's program would need: the examples see the public API alone.
let example: [Target.Dependency] = [
  "CacheKit", .product(name: "SystemPackage", package: "swift-system"),
]

let package = Package(
  name: "cachescope",
  products: [
    .library(name: "CacheKit", targets: ["CacheKit"]),
    .executable(name: "cachescope", targets: ["cachescope"]),
  ] + fuzzProducts,
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
  ],
  targets: [
    .target(name: "CPlatform"),
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CVersion", cSettings: versionSettings),
    .target(name: "CCrypto"),
    .target(name: "CCurl"),
    .target(
      name: "CArchive", linkerSettings: [.linkedLibrary("z")]),
    .target(
      name: "CTerminal",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(
      name: "CacheGround",
      dependencies: [
        "CCrypto", "CPlatform", .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(
      name: "CacheIndex",
      dependencies: [
        "CacheGround", "CPlatform", "CSQLite", .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(
      name: "CacheLinks",
      dependencies: [
        "CacheGround", "CacheIndex", "CArchive", "CCrypto", "CCurl", "CPlatform",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(
      name: "CacheKit",
      dependencies: [
        "CacheGround", "CacheIndex", "CacheLinks", "CPlatform", "CSQLite",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .target(name: "TUI", swiftSettings: settings),
    .target(name: "CursesUI", dependencies: ["CTerminal", "TUI"], swiftSettings: settings),
    .target(
      name: "Inspector",
      dependencies: [
        "CacheKit", "TUI", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "cachescope",
      dependencies: [
        "CVersion", "CacheKit", "CursesUI", "Inspector", "TUI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "StuckLeases", dependencies: example, path: "Examples/StuckLeases",
      packageAccess: false, swiftSettings: settings),
    .executableTarget(
      name: "PullPointer", dependencies: example, path: "Examples/PullPointer",
      packageAccess: false, swiftSettings: settings),
    .target(
      name: "TestSupport",
      dependencies: [
        "CacheKit", "CSQLite", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CacheGround", "CacheIndex", "CacheKit", "CacheLinks", "TUI",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: settings),
    .executableTarget(
      name: "CacheActor",
      dependencies: [
        "CacheKit", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/CacheActor",
      swiftSettings: settings),
    .testTarget(
      name: "CacheKitTests",
      dependencies: [
        "CSQLite", "CacheActor", "PullPointer", "StuckLeases", "CacheGround", "CacheIndex",
        "CacheKit", "CacheLinks", "FuzzTargets", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      resources: [.copy("Fixtures")],
      swiftSettings: settings),
    .testTarget(name: "TUITests", dependencies: ["TUI"], swiftSettings: settings),
    .testTarget(
      name: "InspectorTests",
      dependencies: ["Inspector", "CacheKit", "TUI", "TestSupport"],
      exclude: ["Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["CacheKit", "TestSupport"],
      swiftSettings: settings),
  ] + fuzzTargets
)
