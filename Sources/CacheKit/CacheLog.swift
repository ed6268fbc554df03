import Logging

/// Where CacheKit tells of its decisions, at the level `debug`: silent unless a program asks for it.
enum CacheLog {
  static let logger = Logger(label: "cachekit")
}
